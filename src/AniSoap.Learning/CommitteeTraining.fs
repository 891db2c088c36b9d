namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Committees out of the factors that a fit has anyway: every member is fitted to half of the folds.
module internal CommitteeTraining =
    /// Folds of every member: random halves with a fixed seed, each with its complement as the next.
    let halves (members: int) (folds: int) : int[][] =
        let random = Random 20_110_905

        [|
            for _ in 1 .. (members + 1) / 2 do
                let order = Array.init folds id
                random.Shuffle order
                order[.. folds / 2 - 1]
                order[folds / 2 ..]
        |]
        |> Array.truncate members

    /// The weights of a member by the rows of some folds.
    let private fitted (memory: FactorMemory) lambda (sums: PackedTriangle[]) (folds: int[]) =
        let work, joined = memory.TakeRows true, memory.TakeFactor()

        for fold in Array.sort folds do
            work.AddPacked sums[fold].Values

        work.Pack joined
        let weights = LeastSquares.ridge work lambda (PackedTriangle(memory.Columns, joined))
        memory.Give work
        memory.Give joined
        weights

    /// Ratios of at most so many frames, and particles, decide what spreads are multiplied by.
    [<Literal>]
    let private MostRatios = 200_000

    /// The smallest of the ratios that 68 % are not above; 1 without any.
    let private quantile (ratios: ResizeArray<float>) =
        if ratios.Count = 0 then
            1.0
        else
            let sorted = ratios.ToArray()
            Array.sortInPlace sorted
            sorted[int (ceil (0.68 * float sorted.Length)) - 1]

    let private norm (x: float) y z = sqrt (x * x + y * y + z * z)

    let private addVectors (ratios: ResizeArray<float>) (found: ImmutableArray<Vector3>) spreads reference =
        let reference: ImmutableArray<float> = reference
        let spreads: ImmutableArray<float> = spreads

        if not reference.IsDefaultOrEmpty then
            for i in 0 .. found.Length - 1 do
                if ratios.Count < MostRatios && spreads[i] > 0.0 then
                    let v = found[i]

                    let error = norm (v.X - reference[3 * i]) (v.Y - reference[3 * i + 1]) (v.Z - reference[3 * i + 2])

                    ratios.Add(error / spreads[i])

    /// Members by the folds' factors, calibrated by frames that they have not seen; `noise` is what the fit leaves of a row. Frames are gone through once more.
    let run
        (members: int)
        (threads: int)
        (lambda: float)
        (noise: float)
        (basis: PairBasis)
        (memory: FactorMemory)
        (sums: PackedTriangle[])
        (all: PackedTriangle)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<PotentialUncertainty, AniSoapError> =
        attempt {
            let halves = halves members sums.Length
            let weights = halves |> Array.map (fitted memory lambda sums)
            let work = memory.TakeRows true
            let struct (scales, triangle) = LeastSquares.regularized work lambda all
            let columns = basis.Length
            let columnScales = Array.sub scales 0 columns
            let triangle = Array.init columns (fun k -> Array.sub triangle[k] 0 columns)
            memory.Give work

            let unseenBy =
                Array.init sums.Length (fun fold -> [|
                    for k in 0 .. halves.Length - 1 do
                        if not (Array.contains fold halves[k]) then
                            k
                |])

            let! committees =
                seq { 1..threads }
                |> Result.traverse (fun _ -> Committee.Create(basis, weights, 1))

            let spectra = Array.init threads (fun _ -> PairSpectrumValues basis)

            let energyRatios, forceRatios, torqueRatios =
                ResizeArray<float>(), ResizeArray<float>(), ResizeArray<float>()

            let largest = ref 0.0

            let compute slot number (targets: PotentialTargets) =
                attempt {
                    let particles = float (max 1 targets.Frame.Particles.Length)
                    let! found = committees[slot].Evaluate(targets.Frame, unseenBy[number % sums.Length])
                    do! spectra[slot].Compute targets.Frame
                    let leverage = PotentialUncertainty.LeverageOf(columnScales, triangle, spectra[slot].Values)
                    return struct (found, leverage / (particles * particles))
                }

            let take _ _ (targets: PotentialTargets) (struct (found: PotentialSpread, leverage)) =
                largest.Value <- max largest.Value leverage
                addVectors forceRatios found.Forces found.ForceSpreads targets.Forces
                addVectors torqueRatios found.Torques found.TorqueSpreads targets.Torques

                match targets.Energy with
                | Some energy when energyRatios.Count < MostRatios && found.EnergySpread > 0.0 ->
                    energyRatios.Add(abs (found.Energy - energy) / found.EnergySpread)
                | _ -> ()

            do! FrameBatches.run threads threads frames compute take

            return
                PotentialUncertainty(
                    weights,
                    {
                        Energy = quantile energyRatios
                        Forces = quantile forceRatios
                        Torques = quantile torqueRatios
                    },
                    noise,
                    largest.Value,
                    columnScales,
                    triangle
                )
        }
