/// Parts of runs for tests: small trajectories, their indices, features of parts.
module AniSoap.Tests.Runs.PartSupport

open System
open System.IO
open AniSoap
open AniSoap.Tests.Tensors
open AniSoap.Formats
open AniSoap.Tests

let private hypers = Hypers.create 1 (RadialBasis.Gto 1.0) 2.5
let private projection = lazy (Projection.create hypers [ 1; 2 ] |> ok)
let inside folder name = Path.Combine(folder, name)

/// Frames of 1 to 6 particles of two species.
let private frames (random: Random) count = [
    for _ in 1..count ->
        Frame.create Cell.none [
            for i in 0 .. random.Next 6 ->
                let place = Vector3.create (2.0 * float i) (random.NextDouble()) (random.NextDouble())
                Ellipsoid.sphere (1 + i % 2) place 0.5 |> ok
        ]
]

let trajectory folder name seed count =
    let path = inside folder name

    FrameFile.writeWith { FrameOutputOptions.replacing with Warn = ignore } path (frames (Random(seed: int)) count)
    |> ok
    |> ignore

    path

let indexed (paths: string list) =
    for path in paths do
        IndexFile.make InputOptions.defaults ignore path |> ok |> IndexFile.save |> ok

    IndexFile.loadAll paths |> ok

let metadata = Map [ "program", "anisoap"; "inputs", """["frames"]""" ]

let private target path : FeatureTarget = {
    Path = path
    Options = WriteOptions.replacing
    Names = LabelNames.Metatensor
    Metadata = metadata
    Frames = None
    Centers = None
}

/// Features of frames into a file, as one run makes it.
let computeRows path (read: seq<Result<Numbered<Frame>, AniSoapError>>) =
    FeatureOutput.create (target path) (MeanSpectra OrderedPairs) Set.empty projection.Value
    |> Result.bind (fun output ->
        use output = output

        output.Run(
            1,
            read |> Seq.map (Result.map (fun frame -> struct (frame.Number, frame.Value))),
            Action<_, _, _>(fun _ _ _ -> ()),
            Threading.CancellationToken.None
        )
        |> Result.bind (fun _ -> output.Complete()))

/// A part as the program computes it.
let computePart manifestPath (manifest: Manifest) index (part: ManifestPart) =
    let file = Manifest.pathOf manifestPath part

    Manifest.settle manifestPath manifest
    |> Result.bind (fun manifest ->
        IndexedFrames.read InputOptions.defaults index part.Span
        |> computeRows file
        |> Result.bind (fun () -> PartRecord.write manifest part file 0.5))

let bytesOf (path: string) = File.ReadAllBytes path

/// Pair spectra of few columns.
let pairSpectra =
    """{"max_angular":2,"max_radial":1,"own_max_radial":1,"neighbor_max_radial":1,"radial_gaussian_width":1.5,"cutoff_radius":8,
"density_scale":0.6,"contact_shapes":[{"scale":1}],"own_channels":[{"rate":3}],"neighbor_channels":[{"rate":3}],"deepest_gap":-1}"""

/// Frames of two particles with energies, forces and torques, as `dimers.extxyz`.
let dimers folder count =
    TestData.withFile "potentials/dimers.extxyz" (fun path ->
        FrameFile.snapshots path
        |> Seq.truncate count
        |> FrameFile.writeSnapshots FrameOutputOptions.defaults (inside folder "dimers.extxyz")
        |> ok
        |> ignore)
