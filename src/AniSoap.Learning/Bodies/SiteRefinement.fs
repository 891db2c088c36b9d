namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// All bodies that were found, fitted together.
module internal SiteRefinement =
    /// What rows should count, by what is left of them: the robustness under which weighted residuals are likeliest, each kind's by its own size. With Gaussian noise of
    /// sizes σ/g the log-likelihood is Σ log g − ½ n log Σ g² r², for every kind of rows.
    let reweigh (weights: RowWeights) (targets: PotentialTargets[]) (residuals: struct (float * float[] * float[])[]) =
        let likelihood robustness =
            let logs, squares, counts =
                Array.zeroCreate<float> 3, Array.zeroCreate<float> 3, Array.zeroCreate<float> 3

            let trial = { weights with Robustness = robustness }

            let add kind g r =
                if not (Double.IsNaN r) then
                    logs[kind] <- logs[kind] + log g
                    squares[kind] <- squares[kind] + g * g * r * r
                    counts[kind] <- counts[kind] + 1.0

            targets
            |> Array.iteri (fun number one ->
                let struct (energy, forces, torques) = residuals[number]
                let g = RowWeights.ofParticles trial one
                add 0 (RowWeights.mean g) energy
                forces |> Array.iteri (fun i r -> add 1 g[i / 3] r)
                torques |> Array.iteri (fun i r -> add 2 g[i / 3] r))

            let sum =
                Seq.sum (
                    seq {
                        for kind in 0..2 do
                            if counts[kind] > 0.0 && squares[kind] > 0.0 then
                                logs[kind] - 0.5 * counts[kind] * log (squares[kind] / counts[kind])
                    }
                )

            let kinds =
                Array.init 4 (fun kind ->
                    if kind < 3 && counts[kind] > 0.0 && squares[kind] > 0.0 then
                        1.0 / sqrt (squares[kind] / counts[kind])
                    else
                        weights.Kinds[kind])

            struct (sum, { trial with Kinds = kinds })

        [ 0.0; 0.125; 0.25; 0.375; 0.5; 0.75; 1.0 ]
        |> List.map likelihood
        |> List.maxBy (fun (struct (sum, _)) -> sum)
        |> fun (struct (_, best)) -> best

    /// What a potential leaves of targets.
    let residuals (potential: SitePotential) (targets: PotentialTargets[]) =
        SiteEnergy.Create(potential.Model, 1)
        |> Result.map (fun engine ->
            targets
            |> Array.map (fun one ->
                let count = 3 * one.Frame.Particles.Length
                let forces, torques = Array.zeroCreate<float> count, Array.zeroCreate<float> count
                let virial = Array.zeroCreate<float> 9

                let energy =
                    engine.Evaluate(one.Frame, Memory forces, Memory torques, Memory virial)
                    |> Result.defaultValue nan

                let rest (known: ImmutableArray<float>) (values: float[]) =
                    if known.IsDefaultOrEmpty then
                        [||]
                    else
                        values |> Array.mapi (fun i v -> known[i] - v)

                struct ((match one.Energy with
                         | Some e -> e - energy
                         | None -> nan),
                        rest one.Forces forces,
                        rest one.Torques torques)))

    /// λ for noise: weights of unit columns are expected to be of the size of the targets, so that λ is the variance of one row relative to all squares. Without it the steepest exponentials
    /// take the noise of the nearest few pairs, and are far off where sites come a little nearer.
    let private ridgeOf (solution: SiteSolution) (rows: SiteRows) =
        max SiteTraining.Ridge (solution.Cost / rows.Squares / max 1.0 (float rows.Counted))

    /// All bodies together on all frames that hold nothing else, and once more with weights and a ridge by what is left where that is noise. With the thinnest diameter, and the ridge.
    let run
        (weights: RowWeights)
        reach
        fitCutoff
        (found: FoundBody[])
        (targets: PotentialTargets[])
        : Result<struct (SiteSolution * SiteRows * float * float), AniSoapError> =
        let unit = found |> Array.map _.Unit |> Array.min
        let species = found |> Array.map _.Species
        let speciesOf number = Array.IndexOf(species, number)
        let mine = targets |> Array.filter (SiteTraining.isOf (fun s -> speciesOf s >= 0))
        let types = SiteTraining.ownTypes found

        // Of what is searched: sites that others are turns of.
        let generators =
            found
            |> Array.map (fun one -> SiteTraining.generators one.Turns one.Solution.Sites one.Solution.Types[0])

        let start = generators |> Array.collect fst

        let searched (solution: SiteSolution) =
            let kinds = SiteTypes types

            found
            |> Array.mapi (fun k one ->
                let own = Array.sub solution.Sites (3 * kinds.Offset k) (3 * types[k].Length)
                fst (SiteTraining.generators one.Turns own types[k]))
            |> Array.concat

        let orbits =
            SiteOrbits.Repeated(
                Array.map2 (fun (_, kinds: int[]) (one: FoundBody) -> struct (kinds.Length, one.Turns)) generators found
            )

        let axes =
            Map [
                for one in mine do
                    for particle in one.Frame.Particles do
                        particle.Species, particle.SemiAxes
            ]

        let limits = SiteTraining.limits (1.5 * SiteSearch.Box) axes species (generators |> Array.map snd)
        let kinds = SiteTypes types
        let work = SiteFitWork()

        let fit weights ridge start =
            SiteFrames.ofTargets weights reach mine
            |> Result.map (fun frames ->
                let problem = { SiteTraining.problem unit fitCutoff speciesOf frames with Ridge = ridge }
                let stop = { Iterations = 80; Hopeless = infinity }
                let solution = SiteFit.run problem kinds orbits limits stop start work
                struct (solution, problem.Rows))

        attempt {
            let! struct (first, rows) = fit weights SiteTraining.Ridge start
            // Nothing but rounding and the form of the functions is left of exact data.
            if sqrt (first.Cost / rows.Squares) < 1e-3 then
                return struct (first, rows, unit, SiteTraining.Ridge)
            else
                let! plain =
                    FoundPotential.create
                        unit
                        (match fitCutoff with
                         | ValueSome cutoff -> cutoff
                         | ValueNone -> { Radius = 10.0 * (reach + 10.0 * unit); SmoothingWidth = 0.0 })
                        species
                        first
                        rows

                let! residuals = residuals plain mine
                let ridge = ridgeOf first rows
                let! struct (second, rows) = fit (reweigh weights mine residuals) ridge (searched first)
                return struct (second, rows, unit, ridge)
        }
