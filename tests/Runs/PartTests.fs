/// Runs in parts: whatever happens to the parts, the whole is that of one run or there is none.
module AniSoap.Tests.Runs.PartTests

open System
open System.IO
open System.IO.Compression
open System.Security.Cryptography
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Formats
open AniSoap.Tests.Runs.PartSupport

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

        test
            "an index of an earlier program, with the SHA-256 of each block, serves parts and finds other bytes; one of a later program is refused" {
            TestData.inFolder (fun folder ->
                let path = trajectory folder "a.extxyz" 5 6
                let index = indexed [ path ]
                let place = IndexFile.pathOf path
                let text = File.ReadAllText place
                let bytes = bytesOf path
                Expect.equal index.Files.Head.Blocks.Length 1 "a small file is one block"
                let hash = index.Files.Head.Blocks[0].Hash
                Expect.equal hash.Length 32 "digits of the new hash"
                let sha = SHA256.HashData bytes |> Convert.ToHexStringLower
                let kind = "\"anisoap_index\":"
                File.WriteAllText(place, text.Replace(kind + "2", kind + "1").Replace(hash, sha))
                let earlier = IndexFile.loadAll [ path ] |> ok

                let read index =
                    IndexedFrames.read InputOptions.defaults index { First = 1; Stop = 6 }
                    |> Seq.toList

                let positions (frame: Numbered<Frame>) = frame.Value.Particles.Positions.ToArray()
                let both = List.zip (read earlier |> List.map ok) (read index |> List.map ok)

                for one, other in both do
                    Expect.equal (positions one) (positions other) "particles"

                let at = Array.FindLastIndex(bytes, fun b -> b >= '0'B && b <= '9'B)
                bytes[at] <- if bytes[at] = '1'B then '2'B else '1'B
                File.WriteAllBytes(path, bytes)

                for index in [ earlier; index ] do
                    match read index |> List.last with
                    | Ok _ -> failtest "nothing was refused"
                    | Error error ->
                        Expect.stringContains (AniSoapError.describe error) "other bytes in frames" "what is wrong"

                File.WriteAllText(place, text.Replace(kind + "2", kind + "3"))
                Expect.stringContains (sentence (IndexFile.load path)) "no index of a trajectory" "of a later program")
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
                    PairCutoff = None
                    Pairs = [||]
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

                // Begun where a grain begins, where there are many of these.
                for grain in [ 2; 5 ] do
                    let coarse = FrameIndex.partsAlong grain count index |> ok
                    Expect.all coarse (fun span -> span.Stop > span.First) $"none is empty, seed {seed}"

                    if 16 * count * grain <= file.Frames then
                        Expect.all coarse (fun span -> span.First % grain = 0) $"grains, seed {seed}"

            let none = { Files = [] }
            Expect.isError (FrameIndex.parts 1 none) "no frames"
        }

        test "parts have nearly as many pairs each where the index has counted them within one cutoff radius" {
            TestData.inFolder (fun folder ->
                let path = trajectory folder "a.extxyz" 11 30
                let options = { InputOptions.defaults with CutoffRadius = Some 2.5 }
                IndexFile.make options ignore path |> ok |> IndexFile.save |> ok
                let index = IndexFile.loadAll [ path ] |> ok

                let pairs =
                    FrameFile.read path
                    |> Seq.map (fun frame -> (NeighborList.create 2.5 (ok frame) |> ok).Length)
                    |> Seq.toArray

                Expect.equal (index.Files.Head.Pairs |> Array.map int) pairs "pairs"
                let work = Array.map2 (+) pairs index.Files.Head.Particles
                Expect.equal (FrameIndex.work index |> Array.map int) work "work"
                let mean = float (Array.sum work) / 3.0

                for span in FrameIndex.parts 3 index |> ok do
                    let own = Array.sum work[span.First .. span.Stop - 1]
                    Expect.isTrue (abs (float own - mean) <= float (Array.max work)) $"{own} of {mean}"

                // Of two files of which one is not counted, particles decide.
                let other = trajectory folder "b.extxyz" 12 4
                indexed [ other ] |> ignore
                let both = IndexFile.loadAll [ path; other ] |> ok
                Expect.equal (FrameIndex.work both).[0] (int64 both.Files.Head.Particles[0]) "particles")
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

        test
            "the program's parts of a model are merged to the model of one run by the same choices, which is that of one that chooses itself" {
            let run folder line = AniSoap.Tests.Cli.ProgramRun.run folder (AniSoap.Tests.Cli.ProgramRun.words line)

            TestData.inFolder (fun folder ->
                dimers folder 20

                let succeeds line =
                    let outcome = run folder line
                    Expect.equal outcome.ExitCode 0 (line + "\n" + outcome.Errors)

                let refuses (words: string) line =
                    let outcome = run folder line
                    Expect.equal outcome.ExitCode 2 (line + "\n" + outcome.Errors)
                    Expect.stringContains outcome.Errors words line

                File.WriteAllText(inside folder "small.json", pairSpectra)
                succeeds "index dimers.extxyz --quiet"
                succeeds "train dimers.extxyz --hypers small.json --folds 4 --choose -o chosen.json --quiet"
                succeeds "train dimers.extxyz --hypers small.json --folds 4 -o itself.json --quiet"
                succeeds "train dimers.extxyz --hypers chosen.json -o one.json --threads 1 --quiet"
                Expect.equal (bytesOf (inside folder "one.json")) (bytesOf (inside folder "itself.json")) "by itself"

                let part k =
                    $"train dimers.extxyz --hypers chosen.json -o all.json --part {string k}/3 --manifest run.json --threads {string k} --quiet"

                refuses "parts choose nothing" ((part 1).Replace("--hypers chosen.json", ""))
                refuses "parts choose nothing" ((part 1).Replace("chosen.json", "small.json"))
                refuses "--folds" (part 1 + " --folds 5")
                refuses "committee" (part 1 + " --committee 4")
                refuses "--report" (part 1 + " --report r.json")
                succeeds (part 3)
                // A copy of the same bytes, with an index of its own.
                File.SetLastWriteTimeUtc(inside folder "dimers.extxyz", DateTime(2020, 1, 2))
                succeeds "index dimers.extxyz --quiet"
                succeeds (part 1)
                refuses "missing: all.part-2-of-3.factors" "merge run.json -o all.json"
                // The same choices, written otherwise: another order of members is another text, and the same run.
                let text = File.ReadAllText(inside folder "chosen.json")
                File.WriteAllText(inside folder "chosen.json", text.Replace("\n", "\n ").Replace(": 8,", ": 8.0,"))
                succeeds (part 2)
                File.WriteAllText(inside folder "chosen.json", text.Replace("\"folds\": 4", "\"folds\": 3"))
                refuses "another run's" (part 2)
                refuses ".json" "merge run.json -o all.npz"
                succeeds "merge run.json -o all.json"
                Expect.equal (bytesOf (inside folder "all.json")) (bytesOf (inside folder "one.json")) "one run")
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
