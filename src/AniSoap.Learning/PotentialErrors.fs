namespace AniSoap.Learning

open System
open System.IO
open System.Text.Json
open AniSoap

/// How far predictions are from what they should be.
[<Struct; NoComparison>]
type ErrorMeasures = {
    /// Numbers compared.
    Count: int
    /// The root of the mean squared error.
    Rmse: float
    /// The mean absolute error.
    Mae: float
    /// 1 − mean squared error / variance of the reference.
    R2: float
    /// 100 × RMSE / root mean square of the reference.
    PercentOfRms: float
}

/// Errors of a potential on frames.
[<NoComparison>]
type PotentialErrors = {
    /// Of energies, a particle where frames have more than two.
    Energy: ErrorMeasures
    /// Whether energies are a particle.
    EnergyPerParticle: bool
    /// Of components of forces.
    Forces: ErrorMeasures
    /// Of components of torques.
    Torques: ErrorMeasures
    /// Of the numbers of virials that frames have.
    Virial: ErrorMeasures
}

/// Sums of one quantity's errors.
[<Sealed>]
type internal ErrorSums() =
    let mutable count = 0
    let mutable squares = 0.0
    let mutable sizes = 0.0
    let mutable total = 0.0
    let mutable totalSquares = 0.0

    member _.Add(found: float, reference: float) =
        let error = found - reference
        count <- count + 1
        squares <- squares + error * error
        sizes <- sizes + abs error
        total <- total + reference
        totalSquares <- totalSquares + reference * reference

    member _.Measures: ErrorMeasures =
        let number = float (max 1 count)
        let mean = total / number
        let variance = totalSquares / number - mean * mean

        {
            Count = count
            Rmse = sqrt (squares / number)
            Mae = sizes / number
            R2 = 1.0 - squares / number / variance
            PercentOfRms = 100.0 * sqrt (squares / totalSquares)
        }

/// Errors of potentials on frames whose energies, forces, torques or virials are known.
module PotentialErrors =
    /// The same as `measure`, which `tell` hears of every frame and what the potential says of it.
    let measureTelling
        (tell: PotentialTargets -> PotentialResult -> unit)
        (threads: int)
        (below: float option)
        (potential: Potential)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<struct (PotentialErrors * PotentialErrors voption), AniSoapError> =
        let sums = Array.init 8 (fun _ -> ErrorSums())
        let mutable perParticle = false

        let add offset (targets: PotentialTargets) (found: PotentialResult) divisor =
            match targets.Energy with
            | Some energy -> sums[offset].Add(found.Energy / divisor, energy / divisor)
            | None -> ()

            let compare
                kind
                (reference: Collections.Immutable.ImmutableArray<float>)
                (vectors: Collections.Immutable.ImmutableArray<Vector3>)
                =
                if not reference.IsDefaultOrEmpty then
                    for i in 0 .. vectors.Length - 1 do
                        sums[offset + kind].Add(vectors[i].X, reference[3 * i])
                        sums[offset + kind].Add(vectors[i].Y, reference[3 * i + 1])
                        sums[offset + kind].Add(vectors[i].Z, reference[3 * i + 2])

            compare 1 targets.Forces found.Forces
            compare 2 targets.Torques found.Torques
            let v = found.Virial
            let w = [| v.Row1.X; v.Row1.Y; v.Row1.Z; v.Row2.X; v.Row2.Y; v.Row2.Z; v.Row3.X; v.Row3.Y; v.Row3.Z |]

            for struct (place, value) in targets.Virial do
                sums[offset + 3].Add(PotentialTargets.ofVirial place (fun i -> w[i]), value)

        let errors offset = {
            Energy = sums[offset].Measures
            EnergyPerParticle = perParticle
            Forces = sums[offset + 1].Measures
            Torques = sums[offset + 2].Measures
            Virial = sums[offset + 3].Measures
        }

        attempt {
            let! engine = potential.Engine threads

            do!
                TrainingSurvey.forEach frames (fun _ targets ->
                    Potential.evaluateWith engine targets.Frame
                    |> Result.map (fun found ->
                        tell targets found
                        let many = targets.Frame.Particles.Length > 2
                        perParticle <- perParticle || many
                        let divisor = if many then float targets.Frame.Particles.Length else 1.0
                        add 0 targets found divisor

                        match below, targets.Energy with
                        | Some threshold, Some energy when energy / divisor < threshold -> add 4 targets found divisor
                        | _ -> ()))

            return struct (errors 0, (if below.IsSome then ValueSome(errors 4) else ValueNone))
        }

    /// Errors over all frames, and over those alone whose energy (a particle, where frames have more than two) is below a number.
    let measure
        (threads: int)
        (below: float option)
        (potential: Potential)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<struct (PotentialErrors * PotentialErrors voption), AniSoapError> =
        measureTelling (fun _ _ -> ()) threads below potential frames

    let private measures (writer: Utf8JsonWriter) (name: string) (errors: ErrorMeasures) =
        let number (key: string) (value: float) =
            // Of nothing there is no error; JSON has no word for what is not finite.
            if Double.IsFinite value then
                writer.WriteNumber(key, value)
            else
                writer.WriteNull key

        if errors.Count > 0 then
            writer.WriteStartObject name
            writer.WriteNumber("count", errors.Count)
            number "rmse" errors.Rmse
            number "mae" errors.Mae
            number "r2" errors.R2
            number "percent_of_rms" errors.PercentOfRms
            writer.WriteEndObject()

    let private quantities writer (errors: PotentialErrors) =
        measures writer "energy" errors.Energy
        measures writer "forces" errors.Forces
        measures writer "torques" errors.Torques
        measures writer "virial" errors.Virial

    /// The errors as JSON: an object a quantity that frames have, in `below` those of frames below the threshold, in `spread` what spreads foretell.
    let toJson
        (errors: PotentialErrors)
        (below: struct (float * PotentialErrors) voption)
        (spread: SpreadErrors voption)
        : string =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory, JsonWriterOptions(Indented = true))
         writer.WriteStartObject()
         quantities writer errors
         writer.WriteBoolean("energy_per_particle", errors.EnergyPerParticle)

         match below with
         | ValueSome(struct (threshold, errors)) ->
             writer.WriteStartObject "below"
             writer.WriteNumber("threshold", threshold)
             quantities writer errors
             writer.WriteEndObject()
         | ValueNone -> ()

         match spread with
         | ValueSome found -> SpreadErrors.write writer found
         | ValueNone -> ()

         writer.WriteEndObject())

        Text.Encoding.UTF8.GetString(memory.ToArray()) + "\n"
