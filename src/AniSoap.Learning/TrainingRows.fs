namespace AniSoap.Learning

open System
open AniSoap

/// Rows of least squares out of frames: energies, forces, torques and virials as sums of columns of pair spectra, of which R alone is kept.
module internal TrainingRows =
    let private addRow (row: float[]) (sums: TriangularRows) (from: ReadOnlySpan<float>) target weight =
        if weight > 0.0 then
            from.CopyTo(Span row)
            row[row.Length - 1] <- target
            sums.Add(ReadOnlySpan row, 0, weight)

    /// The row of a virial's number.
    let private virialRow (rows: PairSpectrumRows) place : ReadOnlySpan<float> =
        let struct (first, second) = PotentialTargets.entries place
        let one = rows.Virial(first / 3, first % 3)

        if first = second then
            one
        else
            let other = rows.Virial(second / 3, second % 3)
            let mean = Array.zeroCreate<float> one.Length

            for j in 0 .. mean.Length - 1 do
                mean[j] <- 0.5 * (one[j] + other[j])

            ReadOnlySpan mean

    /// Adds the rows of a frame.
    let private addFrame
        (weights: RowWeights)
        (targets: PotentialTargets)
        (rows: PairSpectrumRows)
        (row: float[])
        (sums: TriangularRows)
        =
        let particles = targets.Frame.Particles.Length
        let kinds = weights.Kinds
        let ofParticles = RowWeights.ofParticles weights targets
        let ofFrame = RowWeights.mean ofParticles
        let hasForces, hasTorques = not targets.Forces.IsDefaultOrEmpty, not targets.Torques.IsDefaultOrEmpty

        match targets.Energy with
        | Some energy -> addRow row sums rows.Values energy (ofFrame * kinds[0] / float particles)
        | None -> ()

        for i in 0 .. particles - 1 do
            let weight = ofParticles[i]

            for axis in 0..2 do
                if hasForces then
                    addRow row sums (rows.Forces(i, axis)) targets.Forces[3 * i + axis] (weight * kinds[1])

                if hasTorques then
                    addRow row sums (rows.Torques(i, axis)) targets.Torques[3 * i + axis] (weight * kinds[2])

        for struct (place, value) in targets.Virial do
            addRow row sums (virialRow rows place) value (ofFrame * kinds[3])

    /// R of every fold. Frames are computed several at a time, and added in their order: the same bits for any threads.
    let accumulate threads folds particles weights (basis: PairBasis) frames : Result<TriangularRows[], AniSoapError> =
        let sums = Array.init folds (fun _ -> TriangularRows(basis.Length + 1))

        let slots = if particles > 64 then threads else 16 * threads
        let rows = Array.init slots (fun _ -> PairSpectrumRows basis)
        let row = Array.zeroCreate (basis.Length + 1)

        FrameBatches.run
            slots
            threads
            frames
            (fun slot _ targets -> rows[slot].Compute targets.Frame)
            (fun slot number targets () -> addFrame weights targets rows[slot] row sums[number % folds])
        |> Result.map (fun () -> sums)

    let joined (sums: TriangularRows[]) skip =
        let all = TriangularRows sums[0].Columns

        sums
        |> Array.iteri (fun k rows ->
            if k <> skip then
                all.Add rows)

        all
