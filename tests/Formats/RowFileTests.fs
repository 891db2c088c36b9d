/// Files that appear whole or not at all, whatever the format of their rows.
module AniSoap.Tests.RowFileTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.Tensors
open AniSoap.Tests.RowTests
open AniSoap.Formats

let private starts: (string * (Existing -> string -> TableLayout -> Result<TableWriter, AniSoapError>)) list = [
    "npy", Npy.rows
    "npz", Npz.rows
    "csv", Csv.rows
    "mts", Mts.rows byCenter
    "h5", Hdf5File.rows
    "parquet", ParquetFile.rows
]

/// What a table of each ending leaves.
let private filesOf ending path =
    if ending = "csv" then
        [| path; path + "-metadata.json" |]
    else
        [| path |]

let private entries folder = Directory.GetFileSystemEntries folder |> Array.sort

[<Tests>]
let tests =
    testList "files written row by row" [
        for ending, start in starts do
            testCase $"an .{ending} table that is not completed leaves nothing behind"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    using (start Existing.Keep (Path.Combine(folder, "a")) perParticle |> ok) (fun writer ->
                        append writer (randomRows 1 100 perParticle)
                        Expect.isFalse (File.Exists(Path.Combine(folder, "a"))) "not there yet")

                    Expect.isEmpty (Directory.GetFileSystemEntries folder) "folder")

            testCase $"an .{ending} table that is completed leaves only itself, and replaces one only when asked"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let path = Path.Combine(folder, "a")
                    write start path perParticle (randomRows 1 10 perParticle)
                    Expect.equal (entries folder) (filesOf ending path) "folder"
                    let before = File.ReadAllBytes path

                    Expect.stringContains
                        (sentence (start Existing.Keep path perParticle |> Result.map ignore))
                        path
                        "refused"

                    Expect.equal (File.ReadAllBytes path) before "unchanged"
                    write (fun _ -> start Existing.Replace) path perParticle (randomRows 2 10 perParticle)
                    Expect.notEqual (File.ReadAllBytes path) before "replaced"
                    Expect.equal (entries folder) (filesOf ending path) "folder")

            testCase $"an .{ending} table of rows that leave columns out is the one of whole rows, byte for byte"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let random = Random 11
                    // Longer than what is handed on at a time, and no multiple of it.
                    let span, centers = 1733, 3
                    let length = centers * span

                    let layout = { perParticle with Properties = Labels.range "column" length |> ok }

                    let rows = [
                        for i in 0..11 ->
                            let starts = [|
                                for t in 0 .. centers - 1 do
                                    if random.Next 3 > 0 then
                                        t * span
                            |]

                            let width = if i = 0 then span else random.Next(1, 40)

                            let places =
                                if i = 0 then
                                    [||]
                                else
                                    Array.init 60 (fun _ -> random.Next span)
                                    |> Array.append [| 0; span - 1 |]
                                    |> Array.distinct
                                    |> Array.truncate width
                                    |> Array.sort

                            let each = if i = 0 then span else places.Length
                            starts, places, Array.init (starts.Length * each) (fun _ -> random.NextDouble() - 0.4)
                    ]

                    for layout in [ layout; single layout ] do
                        let name = $"{layout.Precision}"
                        let whole, sparse = Path.Combine(folder, name + "w"), Path.Combine(folder, name + "s")
                        use first = start Existing.Keep whole layout |> ok
                        use second = start Existing.Keep sparse layout |> ok

                        rows
                        |> List.iteri (fun i (starts, places, values) ->
                            let sample = [| i; 0; [| 1; 6; 8 |][i % 3] |]
                            let target = Array.create length nan

                            let row =
                                SparseRow(length, 0, ReadOnlySpan starts, ReadOnlySpan places, ReadOnlySpan values)

                            row.CopyTo(Span target)
                            Expect.equal (Array.filter ((<>) 0.0) target) values "all of them"
                            first.Append(ReadOnlySpan sample, ReadOnlySpan target) |> ok
                            second.Append(ReadOnlySpan sample, &row) |> ok)

                        first.Complete() |> ok
                        second.Complete() |> ok

                        Expect.isTrue
                            (ReadOnlySpan(File.ReadAllBytes sparse).SequenceEqual(File.ReadAllBytes whole))
                            name)

            testCase $"rows of an .{ending} table are written without allocating"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    use writer = start Existing.Keep (Path.Combine(folder, "a")) perParticle |> ok
                    let sample, values = [| 0; 1; 6 |], [| 0.1; 0.2; 0.3 |]

                    let many () =
                        for _ in 1..20000 do
                            writer.Append(ReadOnlySpan sample, ReadOnlySpan values) |> ignore

                    many ()
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    many ()
                    let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                    Close.below allocated 20000L "fewer bytes than rows")

            testCase $"an .{ending} table refuses values too large for single precision"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    use writer = start Existing.Keep (Path.Combine(folder, "a")) (single perParticle) |> ok

                    Expect.isError
                        (writer.Append(ReadOnlySpan [| 0; 0; 6 |], ReadOnlySpan [| 0.0; 1e40; 0.0 |]))
                        "1e40")

            testCase $"an .{ending} table that cannot be created is an error that names it"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let refused path (reason: string) =
                        let text = sentence (start Existing.Replace path perParticle |> Result.map ignore)
                        Expect.stringContains text path text
                        Expect.stringContains text reason text

                    refused folder "directory"
                    refused (folder + "/") "directory"
                    refused (Path.Combine(folder, "no", "a")) "directory"
                    refused "" "name"
                    refused "/dev/null" "device")

        testCase "a row of another length is the caller's mistake"
        <| fun () ->
            TestData.inFolder (fun folder ->
                use writer = Npy.rows Existing.Keep (Path.Combine(folder, "a")) perParticle |> ok
                let wrong () = writer.Append(ReadOnlySpan [| 0; 0; 6 |], ReadOnlySpan [| 1.0 |]) |> ignore
                Expect.throwsT<ArgumentException> wrong "values")

        testCase "a stream that cannot write its last bytes is let go without an exception"
        <| fun () ->
            let asked = ref false

            let stream = {
                new MemoryStream() with
                    override _.Dispose(_: bool) =
                        asked.Value <- true
                        raise (IOException "no space left")
            }

            Files.abandon stream
            Expect.isTrue asked.Value "disposed of"

        testCase "a link stays one: what it points to is replaced"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let target, link = Path.Combine(folder, "target"), Path.Combine(folder, "link")
                File.WriteAllText(target, "old")
                File.CreateSymbolicLink(link, target) |> ignore

                AtomicFile.write Existing.Replace link (fun stream -> Ok(stream.Write(ReadOnlySpan "new"B)))
                |> ok

                Expect.equal (File.ReadAllText target) "new" "target"
                Expect.isNotNull (FileInfo(link).LinkTarget) "link")

        testCase "a whole file that cannot be finished leaves the old one"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a")
                File.WriteAllText(path, "old")

                let failing (stream: Stream) =
                    stream.WriteByte 1uy
                    Error(Inaccessible(path, "disc full"))

                Expect.isError (AtomicFile.write Existing.Replace path failing) "refused"
                Expect.equal (File.ReadAllText path) "old" "old"
                Expect.equal (Directory.GetFileSystemEntries folder) [| path |] "folder")
    ]
