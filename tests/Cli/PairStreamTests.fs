/// Coefficients of pairs that go to their file as they come.
module AniSoap.Tests.Cli.PairStreamTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open AniSoap
open AniSoap.Numerics
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

/// So many frames of ellipsoids of two species at random places, in a cell that some of them meet themselves in.
let private writeFrames (path: string) seed count particles (edge: float) =
    let random = Random(seed: int)
    use writer = new StreamWriter(path)
    let text (x: float) = x.ToString("0.0000", CultureInfo.InvariantCulture)
    let e = text edge

    for _ in 1..count do
        writer.Write
            $"{particles}\nLattice=\"{e} 0 0 0 {e} 0 0 0 {e}\" Properties=species:S:1:pos:R:3:c_diameter:R:3:c_q:R:4 pbc=\"T T T\"\n"

        for i in 0 .. particles - 1 do
            let place () = text (edge * random.NextDouble())
            let turn () = text (random.NextDouble() + 0.1)
            let species = if i % 3 = 0 then "C" else "H"
            writer.Write $"{species} {place ()} {place ()} {place ()} 1 1.5 2 {turn ()} {turn ()} {turn ()} {turn ()}\n"

let private options =
    words "--quiet --max-angular 3 --max-radial 2 --radial-gaussian-width 1.5 --cutoff-radius 3"

let private projection =
    Projection.create { Hypers.create 3 (RadialBasis.Gto 1.5) 3.0 with MaxRadial = RadialCount.Uniform 2 } [ 1; 6 ]
    |> ok

let private framesOf (path: string) = FrameFile.read path |> Seq.map ok |> Seq.toArray

/// The bytes of a map with the information that a file has.
let private bytesOf folder (like: string) map =
    let path = Path.Combine(folder, "expected.mts")
    let info = Mts.readInfo like |> ok
    Mts.writeWith WriteOptions.replacing path (TensorMap.withInfo info map) |> ok
    File.ReadAllBytes path

let private succeeds folder arguments =
    let outcome = run folder arguments
    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error"

let private peakOf folder more =
    let outcome =
        run
            folder
            (words "expansion in.xyz -o out.mts --pairs --threads 2 --stats --force"
             @ options
             @ more)

    Expect.equal outcome.ExitCode 0 outcome.Errors
    use stats = JsonDocument.Parse(List.last outcome.ErrorLines)
    stats.RootElement.GetProperty("peak_memory_bytes").GetInt64()

/// All that a stream hands on, as text.
[<Sealed>]
type private Listing() =
    let lines = Collections.Generic.List<string>()

    let numbers (values: ReadOnlySpan<float>) =
        String.Join(" ", values.ToArray() |> Array.map BitConverter.DoubleToInt64Bits)

    member _.Lines = lines |> Seq.toList

    interface IGradientSink with
        member _.Row(_, _, _, _) = failtest "no rows of centres come"

        member _.Atom(parameter, kind, system, atom, rows) =
            lines.Add $"{parameter} {kind} {system} {atom} {numbers rows}"

        member _.Strain(kind, rows) = lines.Add $"strain {kind} {numbers rows}"

    interface IPairSink with
        member _.Pair(kind, sample, row) =
            let sample = String.Join(",", sample.ToArray())
            lines.Add $"{kind} {sample} {numbers row}"

[<Tests>]
let tests =
    testList "program: expansion of pairs" [
        for form, option in [ RadialForm.Orthonormal, []; RadialForm.Raw, [ "--raw" ] ] do
            for threads in [ "1"; "3" ] do
                testCase $"has the bytes of the library's map, {form}, with {threads} threads"
                <| fun () ->
                    inFolder (fun folder ->
                        for seed, count, particles, edge in [ 1, 40, 12, 6.0; 2, 3, 5, 3.5; 3, 5, 1, 20.0 ] do
                            let path = Path.Combine(folder, "in.xyz")
                            writeFrames path seed count particles edge
                            let more = words $"expansion in.xyz -o out.mts --force --pairs --threads {threads}"
                            succeeds folder (more @ options @ option @ words "--species 1,6")
                            let written = Path.Combine(folder, "out.mts")

                            let map =
                                Expansion.pairCoefficientsWith RunOptions.defaults form projection (framesOf path)
                                |> ok

                            let same =
                                ReadOnlySpan(File.ReadAllBytes written).SequenceEqual(bytesOf folder written map)

                            Expect.isTrue same $"seed {seed}")

        testCase "with gradients has the bytes of the library's map with gradients"
        <| fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "in.xyz")
                writeFrames path 4 6 6 4.0

                for names in [ "positions,orientations,semiaxes,strain"; "strain,positions" ] do
                    let more = words "expansion in.xyz -o out.mts --force --pairs --threads 2 --gradients"
                    succeeds folder (more @ [ names ] @ options @ words "--species 1,6")
                    let written = Path.Combine(folder, "out.mts")
                    let parameters = names.Split ',' |> Array.map (GradientParameter.ofName >> ok)

                    let map =
                        Features.pairsWithGradients
                            RunOptions.defaults
                            RadialForm.Orthonormal
                            parameters
                            projection
                            (framesOf path)
                        |> ok

                    let plain =
                        Expansion.pairCoefficientsWith
                            RunOptions.defaults
                            RadialForm.Orthonormal
                            projection
                            (framesOf path)
                        |> ok

                    let same = ReadOnlySpan(File.ReadAllBytes written).SequenceEqual(bytesOf folder written map)
                    Expect.isTrue same names

                    for block, other in Seq.zip map.Blocks plain.Blocks do
                        Expect.equal (block.Values.ToArray()) (other.Values.ToArray()) "values"
                        Expect.equal block.Samples other.Samples "samples")

        testCase "needs no more memory for eight times the frames, with gradients neither"
        <| fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "in.xyz")

                for more, few, many, least in
                    [ [], 300, 2400, 60_000_000L; words "--gradients strain", 60, 480, 100_000_000L ] do
                    writeFrames path 5 few 20 7.0
                    let little = peakOf folder more
                    writeFrames path 5 many 20 7.0
                    let much = peakOf folder more
                    let written = FileInfo(Path.Combine(folder, "out.mts")).Length
                    Close.above written least "a long output"
                    Close.below (much - little) (written / 2L) $"{little} bytes, then {much}")

        testCase "hands on the same where the pairs of a centre are too many to wait"
        <| fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "in.xyz")
                writeFrames path 6 4 20 6.0
                let frames = framesOf path
                let parameters = Set [ GradientParameter.Positions; GradientParameter.Strain ]

                let listed threads most =
                    let listing = Listing()
                    let silent = Action<_, _, _>(fun _ _ _ -> ())

                    let stream =
                        PairStream(projection, RadialForm.Orthonormal, parameters, threads, listing, silent, most)

                    for system, frame in Seq.indexed frames do
                        stream.Add(system, frame)

                    stream.Flush()
                    stream.Pairs, listing.Lines

                let expected = listed 1 Int64.MaxValue
                Close.above (fst expected) 500L "pairs"

                for threads in [ 1; 3 ] do
                    for most in [ 1L; 20_000L; 60_000L ] do
                        Expect.equal (listed threads most) expected $"{threads} threads, {most} numbers")
    ]
