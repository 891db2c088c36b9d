namespace AniSoap.Learning

open System
open System.Text.Json
open AniSoap

/// How well the spreads of a committee foretell its errors on frames that are known.
[<Struct; NoComparison>]
type SpreadErrors = {
    /// Frames with an energy.
    Frames: int
    /// The rank correlation (C. Spearman, Am. J. Psychol. 15 (1904) 72) of |error| and spread of energies.
    EnergyRank: float
    /// The same of forces, both as norms over all particles of a frame.
    ForceRank: float
    /// Of the twentieth of the frames with the largest errors of the energy, the share within the fifth of the largest spreads.
    WorstFound: float
    /// The share of the frames whose energy is within one spread.
    WithinOne: float
    /// Frames with a leverage above all of the training's.
    Extrapolated: int
}

/// Comparing spreads with errors.
module SpreadErrors =
    /// The correlation of ranks, equal numbers sharing theirs; NaN of fewer than two numbers, or of equal ones.
    let internal rankCorrelation (first: float[]) (second: float[]) : float =
        MathNet.Numerics.Statistics.Correlation.Spearman(first, second)

    let private worstFound (errors: float[]) (spreads: float[]) =
        let take share (values: float[]) =
            Array.init values.Length id
            |> Array.sortBy (fun i -> -values[i])
            |> Array.truncate (max 1 (int (Math.Round(share * float values.Length))))

        if errors.Length = 0 then
            nan
        else
            let worst, widest = take 0.05 errors, Set.ofArray (take 0.2 spreads)

            float (worst |> Array.filter widest.Contains |> Array.length)
            / float worst.Length

    let private squared
        (found: Collections.Immutable.ImmutableArray<Vector3>)
        (reference: Collections.Immutable.ImmutableArray<float>)
        =
        let mutable sum = 0.0

        for i in 0 .. found.Length - 1 do
            let v = found[i]
            let x, y, z = v.X - reference[3 * i], v.Y - reference[3 * i + 1], v.Z - reference[3 * i + 2]
            sum <- sum + x * x + y * y + z * z

        sum

    /// Goes once through frames with targets. Refuses potentials without a committee.
    let measure
        (threads: int)
        (potential: Potential)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<SpreadErrors, AniSoapError> =
        attempt {
            let! engine = SpreadEngine.Create(potential, threads)
            let errors, spreads = ResizeArray<float>(), ResizeArray<float>()
            let forceErrors, forceSpreads = ResizeArray<float>(), ResizeArray<float>()
            let mutable extrapolated = 0

            do!
                TrainingSurvey.forEach frames (fun _ targets ->
                    engine.Evaluate targets.Frame
                    |> Result.map (fun found ->
                        if found.Leverage > 1.0 then
                            extrapolated <- extrapolated + 1

                        match targets.Energy with
                        | Some energy ->
                            errors.Add(abs (found.Energy - energy))
                            spreads.Add found.EnergySpread
                        | None -> ()

                        if not targets.Forces.IsDefaultOrEmpty then
                            forceErrors.Add(sqrt (squared found.Forces targets.Forces))
                            forceSpreads.Add(found.ForceSpreads |> Seq.sumBy (fun s -> s * s) |> sqrt)))

            let errors, spreads = errors.ToArray(), spreads.ToArray()
            let within = Array.map2 (fun error spread -> if error <= spread then 1.0 else 0.0) errors spreads

            return {
                Frames = errors.Length
                EnergyRank = rankCorrelation errors spreads
                ForceRank = rankCorrelation (forceErrors.ToArray()) (forceSpreads.ToArray())
                WorstFound = worstFound errors spreads
                WithinOne = (if within.Length = 0 then nan else Array.average within)
                Extrapolated = extrapolated
            }
        }

    /// As an object of JSON, `spread`, in an object that is open.
    let internal write (writer: Utf8JsonWriter) (found: SpreadErrors) =
        let number (key: string) (value: float) =
            if Double.IsFinite value then
                writer.WriteNumber(key, value)
            else
                writer.WriteNull key

        writer.WriteStartObject "spread"
        writer.WriteNumber("frames", found.Frames)
        number "energy_rank_correlation" found.EnergyRank
        number "force_rank_correlation" found.ForceRank
        number "worst_found" found.WorstFound
        number "within_one" found.WithinOne
        writer.WriteNumber("extrapolated", found.Extrapolated)
        writer.WriteEndObject()
