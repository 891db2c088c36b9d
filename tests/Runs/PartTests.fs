/// Runs in parts: whatever happens to the parts, the whole is that of one run or there is none.
module AniSoap.Tests.Runs.PartTests

open System
open System.IO
open System.IO.Compression
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Formats

let private hypers = Hypers.create 1 (RadialBasis.Gto 1.0) 2.5
let private projection = lazy (Projection.create hypers [ 1; 2 ] |> ok)
let private inside folder name = Path.Combine(folder, name)

/// Frames of 1 to 6 particles of two species.
let private frames (random: Random) count = [
    for _ in 1..count ->
        Frame.create Cell.none [
            for i in 0 .. random.Next 6 ->
                let place = Vector3.create (2.0 * float i) (random.NextDouble()) (random.NextDouble())
                Ellipsoid.sphere (1 + i % 2) place 0.5 |> ok
        ]
]

let private trajectory folder name seed count =
    let path = inside folder name

    FrameFile.writeWith { FrameOutputOptions.replacing with Warn = ignore } path (frames (Random(seed: int)) count)
    |> ok
    |> ignore

    path

let private indexed (paths: string list) =
    for path in paths do
        IndexFile.make InputOptions.defaults ignore path |> ok |> IndexFile.save |> ok

    IndexFile.loadAll paths |> ok

let private metadata = Map [ "program", "anisoap"; "inputs", """["frames"]""" ]

let private target path : FeatureTarget = {
    Path = path
    Options = WriteOptions.replacing
    Names = LabelNames.Metatensor
    Metadata = metadata
    Frames = None
}

/// Features of frames into a file, as one run makes it.
let private computeRows path (read: seq<Result<Numbered<Frame>, AniSoapError>>) =
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
let private computePart manifestPath (manifest: Manifest) index (part: ManifestPart) =
    let file = Manifest.pathOf manifestPath part

    Manifest.settle manifestPath manifest
    |> Result.bind (fun () ->
        IndexedFrames.read InputOptions.defaults index part.Span
        |> computeRows file
        |> Result.bind (fun () -> PartRecord.write manifest part file 0.5))

let private bytesOf (path: string) = File.ReadAllBytes path

[<Tests>]
let tests =
    testList "runs in parts" [
        for name in [ "a.extxyz"; "a.dump"; "a.extxyz.gz" ] do
            test $"a part of {name} begins at its own frame, with the numbers, lines and particles of one run" {
                TestData.inFolder (fun folder ->
                    let paths = [ trajectory folder name 1 9; trajectory folder ("b" + name) 2 5 ]
                    let index = indexed paths
                    let whole = FrameFile.readNumbered InputOptions.defaults paths |> Seq.map ok |> Seq.toList
                    Expect.equal index.Frames whole.Length "frames"
                    Expect.equal index.Species [ 1; 2 ] "species"

                    for count in [ 1; 3; 14 ] do
                        let spans = FrameIndex.parts count index |> ok
                        Expect.equal spans.Head.First 0 "the first"
                        Expect.equal (List.last spans).Stop 14 "the last"

                        let read =
                            spans
                            |> List.collect (
                                IndexedFrames.read InputOptions.defaults index >> Seq.map ok >> Seq.toList
                            )

                        Expect.equal (read |> List.map _.Number) (whole |> List.map _.Number) "numbers"

                        Expect.equal
                            (read |> List.map _.NumberInFile)
                            (whole |> List.map _.NumberInFile)
                            "in their files"

                        for one, other in List.zip read whole do
                            Expect.equal
                                (one.Value.Particles.Positions.ToArray())
                                (other.Value.Particles.Positions.ToArray())
                                "particles")
            }

        test "an error in a part names the line of the file, not of the part" {
            TestData.inFolder (fun folder ->
                let path = trajectory folder "a.extxyz" 3 8
                let lines = File.ReadAllLines path
                let last = lines.Length - 1
                let index = indexed [ path ]

                // The same size, and a number less: the bytes are wrong, but the reader comes first to what is no number.
                let broken = lines[last].Replace("0.", "x.")
                File.WriteAllText(path, String.Join('\n', Array.append lines[.. last - 1] [| broken |]) + "\n")
                let span = (FrameIndex.parts 8 index |> ok)[7]

                match IndexedFrames.read InputOptions.defaults index span |> Seq.last with
                | Ok _ -> failtest "nothing was refused"
                | Error error ->
                    let text = AniSoapError.describe error

                    Expect.isTrue
                        (text.Contains("line " + string lines.Length)
                         || text.Contains "other bytes in frames")
                        text)
        }

        test
            "a file that was changed behind its index is refused: another size at once, other bytes where they are read" {
            TestData.inFolder (fun folder ->
                let path = trajectory folder "a.extxyz" 4 6
                let index = indexed [ path ]
                let bytes = bytesOf path
                // The last digit of the file.
                let at = Array.FindLastIndex(bytes, fun b -> b >= '0'B && b <= '9'B)
                bytes[at] <- if bytes[at] = '1'B then '2'B else '1'B
                File.WriteAllBytes(path, bytes)
                let span = (FrameIndex.parts 2 index |> ok)[1]

                match IndexedFrames.read InputOptions.defaults index span |> Seq.last with
                | Ok _ -> failtest "nothing was refused"
                | Error error ->
                    Expect.stringContains (AniSoapError.describe error) "other bytes in frames" "what is wrong"

                File.AppendAllText(path, "\n")
                let text = sentence (IndexFile.load path)
                Expect.stringContains text "size of the file" text)
        }

        test "parts have nearly as many particles each, and none is empty" {
            for seed in 1..30 do
                let random = Random(seed: int)

                let file: IndexedFile = {
                    Path = "a.xyz"
                    Size = 0L
                    Modified = DateTime.UnixEpoch
                    IsPacked = false
                    Hash = ""
                    Species = [| 1 |]
                    Particles = Array.init (random.Next(1, 60)) (fun _ -> random.Next(1, 100))
                    Offsets = [||]
                    Lines = [||]
                    Length = 0L
                    Blocks = [||]
                }

                let index = { Files = [ file ] }
                let count = random.Next(1, file.Frames + 1)
                let spans = FrameIndex.parts count index |> ok
                Expect.equal spans.Length count $"seed {seed}"
                Expect.all spans (fun span -> span.Stop > span.First) $"none is empty, seed {seed}"
                Expect.equal (spans |> List.sumBy (fun span -> span.Stop - span.First)) file.Frames $"all, seed {seed}"

                let sizes =
                    spans
                    |> List.map (fun span -> Array.sum file.Particles[span.First .. span.Stop - 1])

                if count * 4 <= file.Frames then
                    let mean = float (Array.sum file.Particles) / float count

                    Expect.isTrue
                        (sizes |> List.forall (fun size -> abs (float size - mean) <= 100.0))
                        $"%A{sizes}, seed {seed}"

            let none = { Files = [] }
            Expect.isError (FrameIndex.parts 1 none) "no frames"
        }

        test
            "200 schedules of killed, doubled, cut, stale and foreign parts: the whole is right to the last byte, or refused" {
            TestData.inFolder (fun folder ->
                let path = trajectory folder "frames.extxyz" 7 12
                let index = indexed [ path ]
                let whole = inside folder "whole.npz"
                FrameFile.readNumbered InputOptions.defaults [ path ] |> computeRows whole |> ok
                let expected = bytesOf whole
                let manifestOf arguments = Manifest.create "1.0.0" arguments metadata "out.npz" index 4 |> ok
                let manifest, foreign = manifestOf [ "power-spectrum" ], manifestOf [ "power-spectrum"; "--compact" ]
                let mutable right, refused = 0, 0

                // What every part leaves is computed once: its file and its record, of this run and of the other.
                let left (manifest: Manifest) name shift =
                    let at = inside folder name

                    manifest.Parts
                    |> List.mapi (fun k part ->
                        let file = at + string k
                        let source = manifest.Parts[(k + shift) % 4]

                        IndexedFrames.read InputOptions.defaults index source.Span
                        |> computeRows (file + ".npz")
                        |> ok

                        PartRecord.write manifest part (file + ".npz") 0.5 |> ok
                        struct (bytesOf (file + ".npz"), bytesOf (PartRecord.pathOf (file + ".npz"))))
                    |> List.toArray

                let own, others = left manifest "own" 0, left foreign "other" 1

                for seed in 1..200 do
                    let random = Random(seed: int)
                    let place = inside folder (string seed)
                    Directory.CreateDirectory place |> ignore
                    let at = inside place "run.json"
                    let parts = List.toArray manifest.Parts
                    let fileOf k = Manifest.pathOf at parts[k]
                    let recordOf k = PartRecord.pathOf (fileOf k)
                    let isWhole = Array.create 4 false

                    let put (struct (file: byte[], record: byte[])) k =
                        File.WriteAllBytes(fileOf k, file)
                        File.WriteAllBytes(recordOf k, record)

                    // Some schedules compute, the others take what that left.
                    let compute k =
                        if seed % 20 = 0 then
                            computePart at manifest index parts[k] |> ok
                        else
                            if not (File.Exists at) then
                                File.WriteAllText(at, Manifest.toJson manifest)

                            put own[k] k

                        isWhole[k] <- true

                    /// Cuts a file, or changes a byte of it, as a lost node does.
                    let damage (file: string) =
                        if File.Exists file then
                            let bytes = bytesOf file

                            if random.Next 2 = 0 then
                                File.WriteAllBytes(file, bytes[.. random.Next bytes.Length - 1])
                            else
                                let i = random.Next bytes.Length
                                bytes[i] <- bytes[i] ^^^ (1uy <<< random.Next 8)
                                File.WriteAllBytes(file, bytes)

                    for _ in 1 .. random.Next(4, 12) do
                        let k = random.Next 4

                        match random.Next 10 with
                        | 0 ->
                            // Killed between the file and its record.
                            let struct (file, _) = own[k]
                            File.WriteAllBytes(fileOf k, file)
                        | 1 ->
                            // Killed while it was written: a temporary file is left.
                            File.WriteAllText(fileOf k + ".tmp", "half")
                        | 2 ->
                            damage (fileOf k)
                            isWhole[k] <- false
                        | 3 ->
                            damage (recordOf k)
                            isWhole[k] <- false
                        | 4 ->
                            File.Delete(if random.Next 2 = 0 then fileOf k else recordOf k)
                            isWhole[k] <- false
                        | 5 ->
                            // A part of another run under the name of this one.
                            put others[k] k
                            isWhole[k] <- false
                        | 6 ->
                            // Two parts change places.
                            let other = (k + 1) % 4

                            if File.Exists(fileOf k) && File.Exists(fileOf other) then
                                let one = bytesOf (fileOf k)
                                File.WriteAllBytes(fileOf k, bytesOf (fileOf other))
                                File.WriteAllBytes(fileOf other, one)
                                isWhole[k] <- false
                                isWhole[other] <- false
                        | _ -> compute k

                    if random.Next 2 = 0 then
                        // The array is submitted again: what stands and fits stays.
                        for k in 0..3 do
                            if not (PartRecord.check manifest parts[k] (fileOf k)).IsDone then
                                compute k

                    let merged = inside place "out.npz"

                    let outcome =
                        if File.Exists at then
                            PartedRun.merge Existing.Keep at merged |> Result.map ignore
                        else
                            Error(Inaccessible(at, "no part was computed"))

                    match outcome with
                    | Ok() ->
                        right <- right + 1
                        Expect.equal (bytesOf merged) expected $"seed {seed}: a wrong file"
                    | Error _ ->
                        refused <- refused + 1
                        Expect.isFalse (File.Exists merged) $"seed {seed}: refused, and there all the same"
                        Expect.contains isWhole false $"seed {seed}: refused, though every part is whole"

                // Neither is the exception.
                Expect.isTrue (right >= 60 && refused >= 60) $"{right} right, {refused} refused")
        }

        test
            "the program's parts, in any order and one of them twice, are merged to the file of one run, and refused while one is missing" {
            let run folder line = AniSoap.Tests.Cli.ProgramRun.run folder (AniSoap.Tests.Cli.ProgramRun.words line)

            TestData.inFolder (fun folder ->
                trajectory folder "frames.extxyz" 8 10 |> ignore

                let common =
                    "power-spectrum frames.extxyz --max-angular 1 --radial-gaussian-width 1 --cutoff-radius 2.5 --quiet"

                let succeeds line = Expect.equal (run folder line).ExitCode 0 line
                succeeds "index frames.extxyz"
                succeeds $"{common} -o whole.csv"
                let part k = $"{common} -o out.csv --part {string k}/3 --manifest run.json --threads {string k}"
                succeeds (part 3)
                succeeds (part 1)
                let refused = run folder "merge run.json -o out.csv"
                Expect.equal refused.ExitCode 2 refused.Errors
                Expect.stringContains refused.Errors "missing: out.part-2-of-3.csv" refused.Errors
                let other = run folder ((part 2).Replace("--cutoff-radius 2.5", "--cutoff-radius 2.4"))
                Expect.equal other.ExitCode 2 other.Errors
                Expect.stringContains other.Errors "another run's" other.Errors
                succeeds (part 2)
                let standing = File.GetLastWriteTimeUtc(inside folder "out.part-2-of-3.csv")
                succeeds (part 2)

                Expect.equal
                    (File.GetLastWriteTimeUtc(inside folder "out.part-2-of-3.csv"))
                    standing
                    "not computed again"

                Expect.stringContains (run folder "status run.json --json -").Output "\"done\": 3" "JSON"
                succeeds "merge run.json -o out.csv"
                Expect.equal (bytesOf (inside folder "out.csv")) (bytesOf (inside folder "whole.csv")) "one run")
        }

        test "scripts for Slurm quote what a shell would read otherwise, limit the array, and are not written over" {
            TestData.inFolder (fun folder ->
                let words = [
                    "submit"
                    "--slurm"
                    "--parts"
                    "5"
                    "--max-parts-at-once"
                    "2"
                    "--manifest"
                    "run.json"
                    "--"
                    "power-spectrum"
                    "it's a file.xyz"
                    "-o"
                    "out.npz"
                ]

                let outcome = AniSoap.Tests.Cli.ProgramRun.run folder words
                Expect.equal outcome.ExitCode 0 outcome.Errors
                let script = File.ReadAllText(inside folder "run.json.slurm")
                Expect.stringContains script "--array=1-5%2" script
                Expect.stringContains script "'it'\\''s a file.xyz'" script
                Expect.stringContains script "--part \"$SLURM_ARRAY_TASK_ID/5\"" script
                Expect.stringContains outcome.Output "afterok" outcome.Output
                let again = AniSoap.Tests.Cli.ProgramRun.run folder words
                Expect.equal again.ExitCode 2 again.Errors)
        }
    ]
