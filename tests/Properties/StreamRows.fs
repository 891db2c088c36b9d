/// What the stream of spectra hands on, kept.
module AniSoap.Tests.StreamRows

open System.Threading
open AniSoap
open AniSoap.Numerics

/// The rows of numbered frames' spectra, in the order in which they come; or why the stream ended.
let ofNumbered projection threads perParticle columns (frames: (int * Frame) seq) : Result<float[][], AniSoapError> =
    let rows = ResizeArray<float[]>()

    SpectrumStream.run
        projection
        { Threads = threads; PerParticle = perParticle; Columns = columns }
        (frames |> Seq.map (fun (number, frame) -> Ok(struct (number, frame))))
        (SpectrumRowHandler(fun _ _ _ values -> rows.Add(values.ToArray())))
        (SpectrumProgressHandler(fun _ _ _ -> ()))
        CancellationToken.None
    |> Result.map (fun _ -> rows.ToArray())
