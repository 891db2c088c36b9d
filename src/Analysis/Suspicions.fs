namespace AniSoap.Analysis

open AniSoap

/// Likely mistakes in frames and in hyperparameters, all of those that `anisoap inspect` warns of.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Suspicion =
    /// One line: where, and the sentence.
    let describe (suspicion: Suspicion) : string = AniSoapError.prefix suspicion.Place + suspicion.Sentence

    /// What is likely wrong with the hyperparameters themselves, whatever the frames.
    let ofProjection (projection: Projection) : Suspicion list = SuspicionRules.ofProjection projection

    /// What is likely wrong with features of these frames, whose places are counted from 0. Frames that the projection refuses are not looked at.
    let ofFrames (projection: Projection) (frames: Frame seq) : Suspicion list =
        let watch = SuspicionWatch projection

        let passing = [
            for number, frame in Seq.indexed frames do
                if (FrameRules.check projection frame).IsOk then
                    yield! watch.Add({ Place.Unknown with Frame = Some number }, frame)
        ]

        ofProjection projection @ passing @ watch.Finish()
