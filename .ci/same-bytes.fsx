// Whether two builds of the program write the same files, byte for byte: every format of features and of frames, six inputs, every kind of run.
//
//     dotnet fsi .ci/same-bytes.fsx BASE/anisoap.dll NEW/anisoap.dll [FOLDER]
//
// Each build is loaded once and its runs are calls of its Main, one after another, in a folder of its own with the same relative paths: some six hundred
// runs in seconds. Outputs stay in FOLDER (default: a temporary one). What a run says that is refused is compared as its output is. Where the texts of the
// versions differ, they and the checksums taken over them may. Not a part of .ci/run: it needs two builds. Ends with 1 where a file differs.
open System
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Reflection
open System.Runtime.Loader
open System.Text

let arguments = fsi.CommandLineArgs[1..]

if arguments.Length < 2 then
    eprintfn "usage: dotnet fsi .ci/same-bytes.fsx BASE/anisoap.dll NEW/anisoap.dll [FOLDER]"
    exit 2

let baseProgram, newProgram = Path.GetFullPath arguments[0], Path.GetFullPath arguments[1]

let folder =
    match Array.tryItem 2 arguments with
    | Some given -> Path.GetFullPath given
    | None -> Directory.CreateTempSubdirectory("same-bytes-").FullName

let repository = Path.GetDirectoryName __SOURCE_DIRECTORY__ |> nonNull
let inputs = Path.Combine(folder, "inputs")

// Inputs: some frames of each, so that a run is short.
for archive in [ "anisoap"; "gsd"; "lammps"; "chemiscope" ] do
    if not (Directory.Exists(Path.Combine(inputs, archive))) then
        ZipFile.ExtractToDirectory(Path.Combine(repository, "tests", "data", archive + ".zip"), inputs)

/// The first particles of the first frame of a file of extended XYZ.
let firstOf (count: int) (lines: string seq) =
    let lines = lines |> Seq.truncate (count + 2) |> Seq.toArray
    lines[0] <- string count
    lines

let nematic () =
    use file = File.OpenRead(Path.Combine(repository, "docs", "data", "gay-berne", "nematic.extxyz.gz"))
    use unpacked = new GZipStream(file, CompressionMode.Decompress)
    use reader = new StreamReader(unpacked)

    Seq.unfold (fun () -> reader.ReadLine() |> Option.ofObj |> Option.map (fun line -> line, ())) ()
    |> firstOf 120

File.WriteAllLines(Path.Combine(inputs, "nematic.extxyz"), nematic ())

File.WriteAllLines(
    Path.Combine(inputs, "mixture.extxyz"),
    File.ReadLines(Path.Combine(inputs, "lammps", "states", "mixture.extxyz"))
    |> firstOf 80
)

let small = "--max-angular 2 --max-radial 2 --radial-gaussian-width 0.8 --cutoff-radius 1.7"
let usual = "--max-angular 3 --max-radial 3 --radial-gaussian-width 1.5 --cutoff-radius 4"

/// Name, file, how it is read, what is computed of it.
let given = [
    "nematic", "nematic.extxyz", "", small
    "mixture", "mixture.extxyz", "", usual
    "coupled", "anisoap/coupled-radial/frames17.extxyz", "", usual + " --subtract-center"
    "gsd", "gsd/ellipsoids.gsd", "", usual
    "dump", "lammps/2025/restricted.dump", "", usual
    "data", "lammps/2025/general.data", "--point-diameter 1", usual
    "chemiscope", "chemiscope/triclinic.json", "", usual
]

/// Output and arguments of every run, those that others are made of first.
let jobs = [
    for name, file, reading, hypers in given do
        let frames = $"../inputs/{file} {reading}"
        let all = $"{frames} {hypers}"

        for ending in [ "npz"; "npy"; "csv"; "mts"; "h5"; "hdf5"; "parquet"; "json"; "json.gz" ] do
            $"{name}-mean.{ending}", $"power-spectrum {all}"
            $"{name}-particle.{ending}", $"power-spectrum --per-particle {all}"

        for ending in [ "npz"; "npy"; "csv"; "mts"; "h5"; "parquet"; "json" ] do
            $"{name}-compact.{ending}", $"power-spectrum --compact {all}"
            $"{name}-upstream.{ending}", $"power-spectrum --labels anisoap {all}"
            $"{name}-single.{ending}", $"power-spectrum --per-particle --compact --labels anisoap --dtype f4 {all}"

        $"{name}-gradients.mts", $"power-spectrum --gradients positions,orientations,semiaxes,strain {all}"
        $"{name}-particle-gradients.mts", $"power-spectrum --per-particle --gradients positions,orientations {all}"
        $"{name}-coefficients.mts", $"expansion {all}"
        $"{name}-coefficients-upstream.mts", $"expansion --labels anisoap {all}"
        $"{name}-raw.mts", $"expansion --raw --dtype f4 {all}"
        $"{name}-coefficient-gradients.mts", $"expansion --gradients positions,strain {all}"
        $"{name}-pairs.mts", $"expansion --pairs {all}"
        $"{name}-pairs-upstream.mts", $"expansion --pairs --raw --labels anisoap {all}"
        $"{name}-pair-gradients.mts", $"expansion --pairs --gradients positions,orientations {all}"

        for ending in [ "xyz"; "xyz.gz"; "extxyz"; "dump"; "lammpstrj.gz"; "data"; "gsd"; "json"; "json.gz" ] do
            $"{name}.{ending}", $"convert {frames}"

        $"{name}-strict.extxyz", $"convert --strict {frames}"
        $"{name}-ovito.dump", $"convert --for ovito {frames}"

        for from in [ "mean.npz"; "particle.mts"; "compact.csv"; "upstream.h5"; "single.parquet"; "upstream.mts" ] do
            for ending in [ "npz"; "npy"; "csv"; "mts"; "h5"; "parquet" ] do
                let between = from.Replace('.', '-')
                $"{name}-{between}.{ending}", $"convert {name}-{from}"
]

/// A build with the libraries beside it, apart from any other.
type Build(path: string) =
    inherit AssemblyLoadContext(path)
    let beside = AssemblyDependencyResolver path

    override this.Load(name: AssemblyName) =
        match beside.ResolveAssemblyToPath name with
        | null -> null
        | found -> this.LoadFromAssemblyPath found

    override this.LoadUnmanagedDll(name: string) =
        match beside.ResolveUnmanagedDllToPath name with
        | null -> base.LoadUnmanagedDll name
        | found -> this.LoadUnmanagedDllFromPath found

/// Runs every job in a folder; gives the text of the version.
let runAll (name: string) (program: string) =
    let clock = Stopwatch.StartNew()
    let out = Path.Combine(folder, name)

    if Directory.Exists out then
        Directory.Delete(out, true)

    Environment.CurrentDirectory <- Directory.CreateDirectory(out).FullName
    let entry = (Build program).LoadFromAssemblyPath(program).EntryPoint |> nonNull
    let before, errors = Console.Out, Console.Error

    /// The exit code, and what was said.
    let call (words: string[]) =
        use said = new StringWriter()
        use printed = new StringWriter()
        Console.SetError said
        Console.SetOut printed

        try
            let code = entry.Invoke(null, [| box words |]) :?> int
            code, said.ToString(), printed.ToString()
        finally
            Console.SetOut before
            Console.SetError errors

    let words (text: string) = text.Split(' ', StringSplitOptions.RemoveEmptyEntries)

    for output, text in jobs do
        let code, said, _ = call [| yield! words text; "-o"; output; "--threads"; "1"; "--quiet" |]

        if code <> 0 then
            File.WriteAllText(output + ".refused", $"{code}\n{said.Replace(out, String.Empty)}")

    let _, _, version = call [| "--version" |]
    Environment.CurrentDirectory <- folder
    let failed = Directory.GetFiles(out, "*.refused").Length
    printfn "%s: %d runs, %d refused, %.0f s" name jobs.Length failed clock.Elapsed.TotalSeconds
    version.Trim()

let versions = runAll "base" baseProgram, runAll "new" newProgram

/// A file's bytes by the names of its members; the text of the version exchanged.
let members (version: string) (path: string) =
    let masked (bytes: byte[]) =
        let text = Encoding.Latin1.GetString bytes
        text.Replace(version.Split([| ' '; '\n' |])[1], "VERSION")

    let all (stream: Stream) =
        use copy = new MemoryStream()
        stream.CopyTo copy
        masked (copy.ToArray())

    match Path.GetExtension path with
    | ".npz"
    | ".mts" ->
        use archive = ZipFile.OpenRead path

        [
            for entry in archive.Entries do
                use stream = entry.Open()
                entry.FullName, all stream
        ]
    | ".gz" ->
        use stream = new GZipStream(File.OpenRead path, CompressionMode.Decompress)
        List.singleton (String.Empty, all stream)
    | _ -> List.singleton (String.Empty, masked (File.ReadAllBytes path))

/// What is different in two files, if anything.
let difference (first: string) (second: string) =
    if File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second)) then
        None
    elif fst versions = snd versions then
        Some "other bytes"
    else
        // Checksums are taken over the version's text too: of formats that are one member.
        let few = [ ".h5"; ".hdf5"; ".parquet" ] |> List.contains (Path.GetExtension first)
        let one, other = members (fst versions) first, members (snd versions) second

        let bytes =
            if List.map fst one <> List.map fst other then
                Int32.MaxValue
            else
                List.zip one other
                |> List.sumBy (fun ((_, a), (_, b)) ->
                    if a.Length <> b.Length then
                        Int32.MaxValue / one.Length
                    else
                        Seq.zip a b |> Seq.filter (fun (x, y) -> x <> y) |> Seq.length)

        if bytes = 0 || few && bytes <= 16 then
            None
        else
            Some $"{bytes} other bytes"

let names side =
    Directory.GetFiles(Path.Combine(folder, side))
    |> Seq.map (Path.GetFileName >> nonNull)
    |> Set.ofSeq

let different = [
    for name in Set.union (names "base") (names "new") do
        match (names "base").Contains name, (names "new").Contains name with
        | true, false -> $"not written by NEW: {name}"
        | false, true -> $"not written by BASE: {name}"
        | _ ->
            match difference (Path.Combine(folder, "base", name)) (Path.Combine(folder, "new", name)) with
            | Some what -> $"{what}: {name}"
            | None -> ()
]

for line in different do
    printfn "%s" line

let both = Set.intersect (names "base") (names "new")
let refused = both |> Seq.filter (fun name -> name.EndsWith ".refused") |> Seq.length
printfn "%d files of both (of those %d refusals), %d different; in %s" both.Count refused different.Length folder
exit (if different.IsEmpty then 0 else 1)
