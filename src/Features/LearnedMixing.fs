namespace AniSoap

open System
open MathNet.Numerics.LinearAlgebra

/// Mixing of species that is learnt from frames.
module LearnedMixing =
    /// K_tu = Σ c_nlmt c_nlmu over all centres.
    let private products (projection: Projection) (frames: Frame seq) =
        let species = projection.Species.Length
        let sums = Array2D.zeroCreate<float> species species
        let mutable failure = None
        let mutable number = 0
        use engine = Engine.Of(projection, 1)
        use enumerator = frames.GetEnumerator()

        while failure.IsNone && enumerator.MoveNext() do
            let frame = enumerator.Current
            let values = Array.zeroCreate<float>(frame.Particles.Length * engine.CoefficientLength)

            match engine.Coefficients(frame, RadialForm.Orthonormal, Memory values) with
            | Error error -> failure <- Some(AniSoapError.at { Place.Unknown with Frame = Some number } error)
            | Ok() ->
                // Species stand fastest.
                for at in 0..species .. values.Length - species do
                    for t in 0 .. species - 1 do
                        for u in t .. species - 1 do
                            sums[t, u] <- sums[t, u] + values[at + t] * values[at + u]

            number <- number + 1

        match failure with
        | Some error -> Error error
        | None -> Ok(Matrix.Build.Dense(species, species, (fun t u -> sums[min t u, max t u])))

    /// The mixing into so many channels that keeps most of the squares of the coefficients of these frames: its weights are the leading eigenvectors of
    /// K_tu = Σ c_nlmt c_nlmu, of length 1 and with their largest weight positive, as principal components are. The projection says which expansion; it must have a
    /// column for every species and no others. Refuses more channels than species.
    let ofFrames (channels: int) (projection: Projection) (frames: Frame seq) : Result<SpeciesMixing, AniSoapError> =
        let species = projection.Species

        if channels < 1 || channels > species.Length then
            AniSoapError.invalid
                "number of channels"
                channels
                (String.Concat("1 to ", string species.Length, ", the number of species"))
            |> Error
        elif projection.SourceCount <> species.Length || projection.ChannelWeights.Length > 0 then
            AniSoapError.invalid
                "projection to learn a mixing with"
                (String.Concat("one with ", string projection.Channels.Length, " columns for each function"))
                "one with a column for every species and no others"
            |> Error
        else
            products projection frames
            |> Result.map (fun matrix ->
                let eigen = matrix.Evd Symmetricity.Symmetric

                let columns =
                    Array.init channels (fun c ->
                        // Eigenvalues ascend.
                        let vector = eigen.EigenVectors.Column(species.Length - 1 - c)
                        let largest = vector[vector.AbsoluteMaximumIndex()]
                        if largest < 0.0 then -vector else vector)

                species
                |> Seq.mapi (fun t one -> one, [ for column in columns -> column[t] ])
                |> Map.ofSeq
                |> SpeciesMixing.Weights)
