/// Coefficients that go to their file as they come.
module AniSoap.Tests.Cli.ExpansionStreamTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open AniSoap
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

/// So many frames of 20 spheroids of two species at random places.
let private writeFrames (path: string) seed count =
    let random = Random(seed: int)
    use writer = new StreamWriter(path)

    for _ in 1..count do
        writer.Write
            "20\nLattice=\"8 0 0 0 8 0 0 0 8\" Properties=species:S:1:pos:R:3:c_diameter:R:3:c_q:R:4 pbc=\"T T T\"\n"

        for i in 0..19 do
            let number () = (8.0 * random.NextDouble()).ToString("0.0000", CultureInfo.InvariantCulture)
            let species = if i % 3 = 0 then "C" else "H"
            writer.Write $"{species} {number ()} {number ()} {number ()} 1 1 2 1 0 0 0\n"

let private hypers =
    words "--quiet --max-angular 6 --max-radial 3 --radial-gaussian-width 1.5 --cutoff-radius 3"

let private projection =
    Projection.create { Hypers.create 6 (RadialBasis.Gto 1.5) 3.0 with MaxRadial = RadialCount.Uniform 3 } [ 1; 6 ]
    |> ok

let private peakOf folder more =
    let arguments = words "expansion in.xyz -o out.mts --threads 2 --stats --force" @ hypers @ more

    let outcome = run folder arguments
    Expect.equal outcome.ExitCode 0 outcome.Errors
    use stats = JsonDocument.Parse(List.last outcome.ErrorLines)
    stats.RootElement.GetProperty("peak_memory_bytes").GetInt64()

[<Tests>]
let tests =
    testList "program: expansion" [
        for form, option in [ RadialForm.Orthonormal, []; RadialForm.Raw, [ "--raw" ] ] do
            for threads in [ "1"; "3"; "0" ] do
                testCase $"writes what the library gives, {form}, with {threads} threads"
                <| fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "in.xyz")
                        // More centres than are computed at once.
                        writeFrames path 7 60
                        let more = [ "expansion"; "in.xyz"; "-o"; "out.mts"; "--threads"; threads ]
                        let outcome = run folder (more @ hypers @ option)
                        Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error"

                        let frames = FrameFile.read path |> Seq.map ok |> Seq.toArray

                        let expected = Expansion.coefficientsWith (RunOptions.threads 2) form projection frames |> ok
                        let found = Mts.read (Path.Combine(folder, "out.mts")) |> ok
                        sameMap (TensorMap.withInfo Map.empty found) expected "map")

        testCase "under upstream's names has the same numbers in upstream's order"
        <| fun () ->
            inFolder (fun folder ->
                writeFrames (Path.Combine(folder, "in.xyz")) 8 3

                for output, more in [ "own.mts", []; "their.mts", words "--labels anisoap" ] do
                    let outcome = run folder ([ "expansion"; "in.xyz"; "-o"; output ] @ hypers @ more)
                    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error"

                let own = Mts.read (Path.Combine(folder, "own.mts")) |> ok
                let their = Mts.read (Path.Combine(folder, "their.mts")) |> ok
                Expect.sequenceEqual their.Keys.Names [ "types_center"; "angular_channel" ] "keys"
                Expect.equal their.Count own.Count "blocks"

                for key, block in TensorMap.toSeq their do
                    let same = own.Keys.Position(ReadOnlySpan [| key["angular_channel"]; 1; key["types_center"] |])
                    Close.atLeast same 0 "key"
                    Expect.equal (block.Values.ToArray()) (own[same].Values.ToArray()) "values"
                    Expect.sequenceEqual block.Samples.Names [ "type"; "center" ] "samples"
                    Expect.sequenceEqual block.Components[0].Names [ "spherical_component_m" ] "components"
                    Expect.sequenceEqual block.Properties.Names [ "n"; "neighbor_types" ] "properties")

        testCase "needs no more memory for eight times the frames"
        <| fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "in.xyz")
                writeFrames path 9 500
                let few = peakOf folder []
                writeFrames path 9 4000
                let many = peakOf folder []
                let written = FileInfo(Path.Combine(folder, "out.mts")).Length
                Close.above written 200_000_000L "a long output"
                Close.below (many - few) 60_000_000L $"{few} bytes, then {many}")
    ]
