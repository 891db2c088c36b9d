/// Whatever happens to the parts of a run, the whole is that of one run or there is none.
module AniSoap.Tests.Runs.PartScheduleTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Formats
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Cli
open AniSoap.Tests.Runs.PartSupport

/// What happens to a part, and how often it did.
type private Happening =
    | Computed
    | KilledBeforeItsRecord
    | KilledWhileWriting
    | Damaged
    | RecordDamaged
    | Lost
    | Foreign
    | Exchanged
    | DiskFull

let private parts = 4

/// A kind of run in parts, with all that its parts leave computed beforehand: their files and records.
type private Kind = {
    Manifest: Manifest
    /// Of this run.
    Own: struct (byte[] * byte[])[]
    /// Of another run, under the names of this one.
    Others: struct (byte[] * byte[])[]
    /// Files that a part left for which the disk was full: names beside the manifest.
    Full: string list
    Expected: byte[]
    /// Computes a part anew: the manifest's path, and which.
    Compute: string -> int -> unit
    Merge: string -> string -> Result<unit, AniSoapError>
}

/// A schedule by its seed: whether the whole came about.
let private schedule (kind: Kind) (tally: Happening -> unit) (place: string) seed =
    let random = Random(seed: int)
    Directory.CreateDirectory place |> ignore
    let at = inside place "run.json"
    let all = List.toArray kind.Manifest.Parts
    let fileOf k = Manifest.pathOf at all[k]
    let recordOf k = PartRecord.pathOf (fileOf k)
    let isWhole = Array.create parts false

    let put (struct (file: byte[], record: byte[])) k =
        File.WriteAllBytes(fileOf k, file)
        File.WriteAllBytes(recordOf k, record)

    // Some schedules compute, the others take what that left.
    let compute k =
        if seed % 20 = 0 then
            kind.Compute at k
        else
            if not (File.Exists at) then
                File.WriteAllText(at, Manifest.toJson kind.Manifest)

            put kind.Own[k] k

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
        let k = random.Next parts

        let happening =
            match random.Next 12 with
            | 0 -> KilledBeforeItsRecord
            | 1 -> KilledWhileWriting
            | 2 -> Damaged
            | 3 -> RecordDamaged
            | 4 -> Lost
            | 5 -> Foreign
            | 6 -> Exchanged
            | 7 -> DiskFull
            | _ -> Computed

        tally happening

        match happening with
        | Computed -> compute k
        | KilledBeforeItsRecord ->
            let struct (file, _) = kind.Own[k]
            File.WriteAllBytes(fileOf k, file)
        | KilledWhileWriting -> File.WriteAllText(fileOf k + ".tmp", "half")
        | Damaged ->
            damage (fileOf k)
            isWhole[k] <- false
        | RecordDamaged ->
            damage (recordOf k)
            isWhole[k] <- false
        | Lost ->
            File.Delete(if random.Next 2 = 0 then fileOf k else recordOf k)
            isWhole[k] <- false
        | Foreign ->
            put kind.Others[k] k
            isWhole[k] <- false
        | Exchanged ->
            let other = (k + 1) % parts

            if File.Exists(fileOf k) && File.Exists(fileOf other) then
                let one = bytesOf (fileOf k)
                File.WriteAllBytes(fileOf k, bytesOf (fileOf other))
                File.WriteAllBytes(fileOf other, one)
                isWhole[k] <- false
                isWhole[other] <- false
        | DiskFull ->
            for name in kind.Full do
                File.WriteAllText(inside place name, "half")
                isWhole[k] <- false

    if random.Next 2 = 0 then
        // The array is submitted again: what stands and fits stays.
        for k in 0 .. parts - 1 do
            if not (PartRecord.check kind.Manifest all[k] (fileOf k)).IsDone then
                compute k

    let merged = inside place "merged"

    let outcome =
        if File.Exists at then
            kind.Merge at merged
        else
            Error(Inaccessible(at, "no part was computed"))

    match outcome with
    | Ok() ->
        Expect.equal (bytesOf merged) kind.Expected $"seed {seed}: a wrong file"
        true
    | Error _ ->
        Expect.isFalse (File.Exists merged) $"seed {seed}: refused, and there all the same"
        Expect.contains isWhole false $"seed {seed}: refused, though every part is whole"
        false

let private schedules kind folder =
    let counts = Collections.Generic.Dictionary<Happening, int>()

    let tally happening =
        match counts.TryGetValue happening with
        | true, count -> counts[happening] <- count + 1
        | _ -> counts[happening] <- 1

    let right =
        [ 1..200 ]
        |> List.filter (fun seed -> schedule kind tally (inside folder (string seed)) seed)
        |> List.length

    let shown = String.Join(", ", counts |> Seq.map (fun pair -> $"{pair.Value} {pair.Key}"))
    let summary = $"{right} right, {200 - right} refused; {shown}"
    // Neither is the exception, nor is anything that happens.
    Expect.isTrue (right >= 60 && right <= 140) summary
    Expect.equal counts.Count 9 summary
    Expect.all counts.Values (fun count -> count >= 80) summary

    match Environment.GetEnvironmentVariable "ANISOAP_SHOW_SCHEDULES" |> Option.ofObj with
    | Some file -> File.AppendAllText(file, summary + "\n")
    | None -> ()

/// Runs a part of the program where no file may be larger than so many kilobytes: what it leaves beside the manifest.
let private whereDiskIsFull folder kilobytes (line: string) =
    if OperatingSystem.IsWindows() then
        []
    else
        let before = Directory.GetFileSystemEntries folder

        let outcome =
            ProgramRun.runInShell
                folder
                $"ulimit -f {kilobytes}; DOTNET_EnableWriteXorExecute=0 exec \"$@\""
                (ProgramRun.words line)

        Expect.equal outcome.ExitCode 1 outcome.Errors
        Expect.stringContains outcome.Errors "larger than the file system allows" line

        Directory.GetFileSystemEntries folder
        |> Array.except before
        |> Array.map (Path.GetFileName >> nonNull)
        // The manifest is of all parts; another run of this kind sees whether it is whole.
        |> Array.filter ((<>) "full.json")
        |> Array.toList

/// What every part leaves: its file and its record, those of a foreign run shifted by a part.
let private left folder (manifest: Manifest) name shift (compute: string -> ManifestPart -> unit) =
    let source = List.toArray manifest.Parts

    manifest.Parts
    |> List.mapi (fun k part ->
        let file = inside folder name + string k
        compute file source[(k + shift) % parts]
        PartRecord.write manifest part file 0.5 |> ok
        struct (bytesOf file, bytesOf (PartRecord.pathOf file)))
    |> List.toArray

let private features folder : Kind =
    let path = trajectory folder "frames.extxyz" 7 12
    let index = indexed [ path ]
    let whole = inside folder "whole.npz"
    FrameFile.readNumbered InputOptions.defaults [ path ] |> computeRows whole |> ok
    let spans = FrameIndex.parts parts index |> ok
    let manifestOf arguments = Manifest.create "1.0.0" arguments metadata "out.npz" index spans
    let manifest, foreign = manifestOf [ "power-spectrum" ], manifestOf [ "power-spectrum"; "--compact" ]

    let compute file (part: ManifestPart) =
        IndexedFrames.read InputOptions.defaults index part.Span
        |> computeRows (file + ".npz")
        |> ok

        File.Move(file + ".npz", file)

    let line =
        "power-spectrum frames.extxyz --max-angular 6 --max-radial 4 --radial-gaussian-width 1 --cutoff-radius 2.5 --quiet --per-particle -o full.npz --part 2/4 --manifest full.json"

    {
        Manifest = manifest
        Own = left folder manifest "own" 0 compute
        Others = left folder foreign "other" 1 compute
        Full = [ 1; 8 ] |> List.collect (fun limit -> whereDiskIsFull folder limit line)
        Expected = bytesOf whole
        Compute = fun at k -> computePart at manifest index manifest.Parts[k] |> ok
        Merge =
            fun at merged ->
                PartedRun.merge Existing.Keep at (merged + ".npz")
                |> Result.map (fun _ -> File.Move(merged + ".npz", merged))
    }

let private models folder : Kind =
    dimers folder 24
    File.WriteAllText(inside folder "small.json", pairSpectra)
    let path = inside folder "dimers.extxyz"
    let index = indexed [ path ]

    let targets read =
        read
        |> Seq.map (Result.bind (fun one -> PotentialTargets.ofSnapshot PotentialTargets.keys one.Value))

    let all = FrameFile.snapshotsNumbered InputOptions.defaults [ path ]

    let options = {
        PotentialTraining.defaults with
            Hypers = Some(PotentialFile.hypers (inside folder "small.json") |> ok)
            Folds = 2
            Threads = 1
    }

    // Leaves of which parts cut some.
    let setup = { (PotentialTraining.choose options (targets all) |> ok) with LeafFrames = 2 }
    TrainingSetupFile.save Existing.Keep (inside folder "chosen.json") setup |> ok
    let whole = inside folder "whole.json"

    PotentialTraining.trainBy setup 0 1 (targets all)
    |> ok
    |> PotentialFile.save Existing.Keep whole
    |> ok

    let spans = FrameIndex.parts parts index |> ok

    let manifestOf setup =
        Manifest.create "1.0.0" [ "train" ] (TrainingInParts.metadata setup) "out.json" index spans

    let other = { setup with Robustness = 0.25 }
    let manifest, foreign = manifestOf setup, manifestOf other

    let compute setup file (part: ManifestPart) =
        IndexedFrames.snapshots InputOptions.defaults index part.Span
        |> targets
        |> TrainingPart.compute setup 1 24 part.Span
        |> Result.bind (TrainingPartFile.save Existing.Replace file)
        |> ok

    let line =
        "train dimers.extxyz --hypers chosen.json -o full.json --quiet --part 2/4 --manifest full.json"

    {
        Manifest = manifest
        Own = left folder manifest "own" 0 (compute setup)
        Others = left folder foreign "other" 1 (compute other)
        Full = [ 1; 4 ] |> List.collect (fun limit -> whereDiskIsFull folder limit line)
        Expected = bytesOf whole
        Compute =
            fun at k ->
                let part = manifest.Parts[k]
                let file = Manifest.pathOf at part
                Manifest.settle at manifest |> ok |> ignore
                compute setup file part
                PartRecord.write manifest part file 0.5 |> ok
        Merge = fun at merged -> TrainingInParts.merge Existing.Keep at merged |> Result.map ignore
    }

[<Tests>]
let tests =
    testList "schedules of parts" [
        for name, make in [ "features", features; "models", models ] do
            test
                $"200 schedules of killed, doubled, cut, stale and foreign parts and full disks: the whole of {name} is right to the last byte, or refused" {
                TestData.inFolder (fun folder -> schedules (make folder) folder)
            }
    ]
