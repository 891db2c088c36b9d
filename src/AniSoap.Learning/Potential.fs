namespace AniSoap.Learning

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open AniSoap

/// What a potential says of a frame, in the units of what it was trained on.
[<NoComparison>]
type PotentialResult = {
    /// The energy of the frame: 0 for particles beyond each other's cutoff.
    Energy: float
    /// Forces on the particles, lab frame.
    Forces: ImmutableArray<Vector3>
    /// Torques on the particles, lab frame, each about its centre.
    Torques: ImmutableArray<Vector3>
    /// W_ab = Σ r_a f_b = −∂E/∂ε_ab at fixed orientations, row a, column b.
    Virial: Matrix3
}

/// How a potential was fitted.
[<NoComparison>]
type PotentialFit = {
    /// Frames that it was trained on.
    Frames: int
    /// λ, relative to the number of columns, all of norm 1.
    Regularization: float
    /// Held-out sum of weighted squares over that of the targets themselves, by the folds of frames; NaN where none were held out.
    HeldOut: float
}

/// The part of a potential that is linear in pair spectra.
[<Sealed>]
type ContactPotential internal (basis: PairBasis, weights: float[], uncertainty: PotentialUncertainty option) =
    internal new(basis, weights) = ContactPotential(basis, weights, None)

    /// What the energy is linear in.
    member _.Basis = basis

    /// A weight for every column of `PairBasis.properties`.
    member _.Weights: ReadOnlyMemory<float> = ReadOnlyMemory weights

    /// What it knows of its own errors, where it was trained with a committee (`SpreadEngine`).
    member _.Uncertainty = uncertainty

    member internal _.Values = weights

/// What evaluates a potential, one frame after another. One call at a time. Only potentials of both parts allocate memory for it.
[<Sealed>]
type PotentialEngine internal (contact: PairEnergy option, sites: SiteEnergy option) =
    let virial = Array.zeroCreate<float> 9

    let contactSpecies =
        match contact with
        | Some one -> Seq.toArray one.Basis.Species
        | None -> [||]

    let bodySpecies =
        match sites with
        | Some one -> [| for body in one.Model.Bodies -> body.Species |]
        | None -> [||]

    let isContact (species: int) = Array.IndexOf(contactSpecies, species) >= 0
    let isBody (species: int) = Array.IndexOf(bodySpecies, species) >= 0

    /// The frame's particles that pair spectra know, and which they are.
    let partOf (frame: Frame) =
        let kept = [|
            for i in 0 .. frame.Particles.Length - 1 do
                if isContact frame.Particles.Species[i] then
                    i
        |]

        struct (kept,
                {
                    frame with
                        Particles = ParticleArray.ofSeq (kept |> Seq.map (fun i -> frame.Particles[i]))
                })

    let known (frame: Frame) =
        let species = frame.Particles.Species
        let mutable stray = -1

        for i in 0 .. species.Length - 1 do
            if stray < 0 && not (isBody species[i] || isContact species[i]) then
                stray <- i

        if stray < 0 then
            Ok()
        else
            Refuse.count "species" frame.Particles.Species[stray] "one that the potential was trained on"
            |> Result.mapError (AniSoapError.at { Place.Unknown with Particle = Some stray })

    /// Pair spectra of the particles that they know, added to what bodies bring; `evaluate` is given these particles alone, which they are, and room for the centres'
    /// energies, none where `centersInto` is empty.
    let addContact
        (evaluate:
            Frame
                -> int[]
                -> Memory<float>
                -> Memory<float>
                -> Memory<float>
                -> Memory<float>
                -> Result<float, AniSoapError>)
        (frame: Frame)
        (centersInto: Memory<float>)
        (forcesInto: Memory<float>)
        (torquesInto: Memory<float>)
        (virialInto: Memory<float>)
        (neighbors: INeighbors | null)
        energy
        =
        let struct (kept, part) = partOf frame
        let isWhole = kept.Length = frame.Particles.Length

        let centers =
            if centersInto.IsEmpty then [||]
            elif isWhole then Array.zeroCreate<float> centersInto.Length
            else Array.zeroCreate<float> kept.Length

        let forces, torques = Array.zeroCreate<float>(3 * kept.Length), Array.zeroCreate<float>(3 * kept.Length)

        match neighbors with
        | null -> Ok()
        | _ when isWhole -> Ok()
        | _ -> Refuse.because "neighbours" "of a frame with bodies beside others" "none from outside"
        |> Result.bind (fun () ->
            if kept.Length = 0 then
                Ok energy
            else
                evaluate
                    (if isWhole then frame else part)
                    kept
                    (Memory centers)
                    (Memory forces)
                    (Memory torques)
                    (Memory virial)
                |> Result.map (fun more ->
                    let f = forcesInto.Span
                    let t = torquesInto.Span
                    let v = virialInto.Span

                    for k in 0 .. kept.Length - 1 do
                        for axis in 0..2 do
                            let at = 3 * kept[k] + axis
                            f[at] <- f[at] + forces[3 * k + axis]
                            t[at] <- t[at] + torques[3 * k + axis]

                    for i in 0..8 do
                        v[i] <- v[i] + virial[i]

                    let c = centersInto.Span

                    for k in 0 .. centers.Length - 1 do
                        let at = if isWhole then k else kept[k]
                        c[at] <- c[at] + centers[k]

                    energy + more))

    /// The energy of a frame, into `forces` and `torques` (lab frame, about each centre) three numbers a particle, into `virial` W_ab = Σ r_a f_b = −∂E/∂ε_ab, a slowest; with
    /// neighbours from outside or its own. Refuses frames with species that the potential does not know, and memory of other lengths.
    member engine.Evaluate
        (
            frame: Frame,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        engine.EvaluateCenters(frame, Memory.Empty, forces, torques, virial, neighbors)

    /// The same with the energies of the centres in the order of the neighbours from outside, or of the particles: a pair's energy is that of its two directions in pair
    /// spectra, and half of each body's where bodies are made of sites. No memory for them: they are not written.
    member _.EvaluateCenters
        (
            frame: Frame,
            centers: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        match contact, sites with
        | Some one, None -> one.EvaluateCenters(frame, centers, forces, torques, virial, neighbors)
        | _, Some bodies ->
            known frame
            |> Result.bind (fun () -> bodies.EvaluateCenters(frame, centers, forces, torques, virial, neighbors))
            |> Result.bind (fun energy ->
                match contact with
                | Some one ->
                    let evaluate part _ c f t v = one.EvaluateCenters(part, c, f, t, v, neighbors)
                    addContact evaluate frame centers forces torques virial neighbors energy
                | None -> Ok energy)
        | None, None -> Ok 0.0

    /// Whether `EvaluatePairs` can be asked: where nothing but bodies made of sites acts. Pairs in pair spectra have two directions.
    member _.TakesPairs: bool = contact.IsNone

    /// The same with neighbours from outside that have every pair once, with either of its particles as the centre: half the work. `particles` has the energies of all particles, half of a
    /// pair's for each, or no room. Refused where pairs have two directions (`TakesPairs`).
    member _.EvaluatePairs
        (
            frame: Frame,
            particles: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            neighbors: INeighbors
        ) : Result<float, AniSoapError> =
        match contact, sites with
        | None, Some bodies ->
            known frame
            |> Result.bind (fun () -> bodies.EvaluatePairs(frame, particles, forces, torques, virial, neighbors))
        | None, None -> Ok 0.0
        | Some _, _ ->
            Refuse.because
                "neighbours with every pair once"
                "by pair spectra, whose pairs have two directions"
                "potentials of bodies made of sites alone"

    /// The energy of the frame's particles at other places: `positions` are x, y, z, `orientations` unit quaternions w, x, y, z of one particle after another. The rest as in
    /// `Evaluate`; for simulations, where nothing but these numbers changes. Refuses numbers that are not finite.
    member _.EvaluateAt
        (
            frame: Frame,
            positions: float[],
            orientations: float[],
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>
        ) : Result<float, AniSoapError> =
        match contact, sites with
        | Some one, None -> one.EvaluateAt(frame, positions, orientations, forces, torques, virial)
        | None, Some one ->
            known frame
            |> Result.bind (fun () -> one.EvaluateAt(frame, positions, orientations, forces, torques, virial))
        | Some one, Some bodies ->
            known frame
            |> Result.bind (fun () -> bodies.EvaluateAt(frame, positions, orientations, forces, torques, virial))
            |> Result.bind (fun energy ->
                let evaluate part (kept: int[]) _ f t v =
                    let of' width (numbers: float[]) =
                        kept |> Array.collect (fun i -> Array.sub numbers (width * i) width)

                    one.EvaluateAt(part, of' 3 positions, of' 4 orientations, f, t, v)

                addContact evaluate frame Memory.Empty forces torques virial null energy)
        | None, None -> Ok 0.0

/// A potential of ellipsoids: an energy that is linear in pair spectra, or that of bodies made of sites, or the sum of both, with the forces, torques and virial that follow from it. Immutable.
[<Sealed>]
type Potential
    internal (contact: ContactPotential option, sites: SitePotential option, fit: PotentialFit, trials: SiteTrial list)
    =
    /// The part that is linear in pair spectra.
    member _.Contact = contact

    /// The part of bodies made of sites.
    member _.Sites = sites

    /// How it was fitted.
    member _.Fit = fit

    /// The numbers of sites and of types that were tried in training; empty where none were, and of potentials that are read from files.
    member _.Trials = trials

    /// The distance from which on particles do not act on each other.
    member _.CutoffRadius: float =
        // A body's sites reach beyond its centre.
        let reach (one: SitePotential) =
            one.Cutoff.Radius
            + 2.0
              * (one.Bodies
                 |> Seq.collect _.Sites
                 |> Seq.map (fun site -> Vector3.norm site.Position)
                 |> Seq.fold max 0.0)

        max
            (match contact with
             | Some one -> one.Basis.Hypers.CutoffRadius
             | None -> 0.0)
            (match sites with
             | Some one -> reach one
             | None -> 0.0)

    /// The species that it was trained on, ascending.
    member _.Species: ImmutableArray<int> =
        Seq.append
            (match contact with
             | Some one -> seq one.Basis.Species
             | None -> Seq.empty)
            (match sites with
             | Some one -> one.Bodies |> Seq.map _.Species
             | None -> Seq.empty)
        |> Seq.distinct
        |> Seq.sort
        |> ImmutableArray.CreateRange

    /// Weights of all parts.
    member _.Length: int =
        (match contact with
         | Some one -> one.Basis.Length
         | None -> 0)
        + (match sites with
           | Some one ->
               one.Functions
               |> Seq.sumBy (fun f ->
                   match f.Form with
                   | SiteForm.Exponentials(_, weights)
                   | SiteForm.Splines(_, _, weights) -> weights.Length)
           | None -> 0)

    /// What evaluates one frame after another without allocating, on so many threads (0: as many as there are processors).
    member _.Engine(threads: int) : Result<PotentialEngine, AniSoapError> =
        let part make =
            function
            | Some one -> make one |> Result.map Some
            | None -> Ok None

        part (fun (one: ContactPotential) -> PairEnergy.Create(one.Basis, one.Weights, threads)) contact
        |> Result.bind (fun first ->
            part (fun (one: SitePotential) -> SiteEnergy.Create(one.Model, threads)) sites
            |> Result.map (fun second -> PotentialEngine(first, second)))

/// Potentials of ellipsoids.
module Potential =
    let private vectors (numbers: float[]) =
        let builder = ImmutableArray.CreateBuilder(numbers.Length / 3)

        for i in 0 .. numbers.Length / 3 - 1 do
            builder.Add(Vector3.create numbers[3 * i] numbers[3 * i + 1] numbers[3 * i + 2])

        builder.MoveToImmutable()

    /// What an engine has written for a frame.
    let internal resultOf (energy: float) (forces: float[]) (torques: float[]) (virial: float[]) : PotentialResult = {
        Energy = energy
        Forces = vectors forces
        Torques = vectors torques
        Virial =
            Matrix3.ofRows
                (Vector3.create virial[0] virial[1] virial[2])
                (Vector3.create virial[3] virial[4] virial[5])
                (Vector3.create virial[6] virial[7] virial[8])
    }

    /// The same by an engine of the potential, which keeps its memory from frame to frame.
    let evaluateWith (engine: PotentialEngine) (frame: Frame) : Result<PotentialResult, AniSoapError> =
        let count = 3 * frame.Particles.Length
        let forces, torques, virial = Array.zeroCreate count, Array.zeroCreate count, Array.zeroCreate<float> 9

        engine.Evaluate(frame, Memory forces, Memory torques, Memory virial)
        |> Result.map (fun energy -> resultOf energy forces torques virial)

    /// Energy, forces, torques and virial of a frame. Refuses frames with species that it was not trained on.
    let evaluate (potential: Potential) (frame: Frame) : Result<PotentialResult, AniSoapError> =
        potential.Engine 1 |> Result.bind (fun engine -> evaluateWith engine frame)

    /// The same of frames, one after another, lazily.
    let evaluateAll
        (threads: int)
        (potential: Potential)
        (frames: Frame seq)
        : seq<Result<PotentialResult, AniSoapError>> =
        seq {
            match potential.Engine threads with
            | Error error -> Error error
            | Ok engine ->
                for frame in frames do
                    evaluateWith engine frame
        }

    let private flat (vectors: ImmutableArray<Vector3>) =
        ColumnValues.Reals(ImmutableArray.CreateRange(vectors |> Seq.collect (fun v -> [ v.X; v.Y; v.Z ])))

    /// The snapshot with `energy`, `virial` (rows of W_ab) and the columns `forces` and `torques` as the potential has them, in place of the file's.
    let label (result: PotentialResult) (snapshot: Snapshot) : Result<Snapshot, AniSoapError> =
        let v = result.Virial
        let row (r: Vector3) = InfoValue.Reals(ImmutableArray.Create(r.X, r.Y, r.Z))

        let info =
            (snapshot.Info
             |> List.filter (fun (name, _) -> name <> Quantities.Energy && name <> "virial" && name <> "virial6"))
            @ [
                Quantities.Energy, InfoValue.Real result.Energy
                "virial", InfoValue.Rows(ImmutableArray.Create(row v.Row1, row v.Row2, row v.Row3))
            ]

        attempt {
            let! forces = ParticleColumn.create Quantities.Forces 3 (flat result.Forces)
            let! torques = ParticleColumn.create Quantities.Torques 3 (flat result.Torques)

            let others =
                snapshot.Columns
                |> List.filter (fun column ->
                    let name = Quantities.canonical column.Name
                    name <> Quantities.Forces && name <> Quantities.Torques)

            return!
                Snapshot.create snapshot.Frame snapshot.SpeciesNames snapshot.Step info (others @ [ forces; torques ])
        }
