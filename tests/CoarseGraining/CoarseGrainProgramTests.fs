/// The verb coarse-grain as others run it.
module AniSoap.Tests.Cli.CoarseGrainProgramTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.CoarseSupport
open AniSoap.Tests.Cli.ProgramRun

let private crystal = benzene "crystal"
let private liquid = benzene "liquid"

let private succeeds folder line =
    let outcome = run folder (words line)
    Expect.equal outcome.ExitCode 0 outcome.Errors
    outcome

let private fails folder line (expected: string) =
    let outcome = run folder (words line)
    Expect.equal outcome.ExitCode 2 outcome.Errors
    Expect.equal outcome.ErrorLines.Length 1 outcome.Errors
    Expect.stringContains outcome.Errors expected outcome.Errors

let private framesIn folder name = FrameFile.snapshots (Path.Combine(folder, name)) |> Seq.map sure |> Seq.toList

[<Tests>]
let tests =
    testList "the program coarse-grains" [
        test "frames of atoms become frames of ellipsoids, with a report, sites and JSON" {
            inFolder (fun folder ->
                let outcome =
                    succeeds
                        folder
                        $"coarse-grain {crystal} -o out.extxyz --frames :3 --sites-output sites.json --json report.json"

                Expect.stringContains outcome.Errors "48 C6H6" "the report"
                Expect.stringContains outcome.Errors "C = C (name)" "the elements"
                let frames = framesIn folder "out.extxyz"
                Expect.equal (frames |> List.map _.Frame.Particles.Length) [ 48; 48; 48 ] "ellipsoids"
                Expect.equal frames.Head.SpeciesNames (Map [ 1, "C6H6" ]) "names"
                use report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "report.json")))
                let kind = report.RootElement.GetProperty("kinds").EnumerateArray() |> Seq.exactlyOne
                Expect.equal (kind.GetProperty("count").GetInt32()) 144 "counted"

                let residual name = kind.GetProperty($"fit_residual_{name}").GetDouble()
                Close.above (residual "onto_first") (residual "onto_average") "residuals over atoms"
                Close.above (residual "by_mass_onto_first") (residual "by_mass_onto_average") "residuals by mass"
                Close.above (residual "onto_average") (residual "by_mass_onto_average") "hydrogens move most"
                use sites = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sites.json")))

                Expect.equal
                    (sites.RootElement.GetProperty("sites").GetProperty("1").GetArrayLength())
                    12
                    "atoms of a site file")
        }

        test "reference molecules, turned and moved, are the atoms" {
            inFolder (fun folder ->
                succeeds folder $"coarse-grain {crystal} -o out.extxyz --frames 0 --sites-output sites.json --quiet"
                |> ignore

                let body = (framesIn folder "out.extxyz").Head.Frame.Particles[0]
                use sites = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sites.json")))
                let turn = Quaternion.toMatrix body.Orientation
                let atoms = (atomsOf (benzene "crystal")).Head.Frame.Particles

                sites.RootElement.GetProperty("sites").GetProperty("1").EnumerateArray()
                |> Seq.iteri (fun i site ->
                    let p = [| for x in site.GetProperty("position").EnumerateArray() -> x.GetDouble() |]
                    let place = body.Position + turn * Vector3.create p[0] p[1] p[2]
                    Close.within 1e-10 1.0 (vector place) (vector atoms[i].Position) $"atom {i}"))
        }

        test "atoms and ellipsoids stand in one chemiscope file, and come back from it by convert" {
            inFolder (fun folder ->
                succeeds folder $"coarse-grain {crystal} -o both.json --frames :2 --with-atoms --quiet"
                |> ignore

                succeeds folder "convert both.json -o back.extxyz --quiet" |> ignore

                for frame in framesIn folder "back.extxyz" do
                    Expect.equal frame.Frame.Particles.Length (48 + 576) "ellipsoids and atoms"
                    let molecules = (Quantities.tryReals Quantities.Molecules 1 frame).Value

                    Expect.equal
                        (molecules |> Seq.take 48 |> Seq.map int |> Seq.toList)
                        [ 1..48 ]
                        "molecules of the ellipsoids"

                    Expect.equal
                        (molecules
                         |> Seq.skip 48
                         |> Seq.countBy id
                         |> Seq.map snd
                         |> Seq.distinct
                         |> Seq.toList)
                        [ 12 ]
                        "twelve atoms each")
        }

        test "an ellipsoid of species 1 is no hydrogen to others: numbers alone, X beside atoms, and all reads back" {
            inFolder (fun folder ->
                let rows name = File.ReadAllLines(Path.Combine(folder, name))

                succeeds folder $"coarse-grain {crystal} -o alone.extxyz --frames 0 --quiet"
                |> ignore

                let alone = rows "alone.extxyz"
                Expect.stringContains alone[1] "Properties=type:I:1:pos:R:3" "no symbols"
                Expect.stringContains alone[1] "species_names=\"1=C6H6\"" "the name"
                Expect.isTrue (alone[2].StartsWith "1 ") alone[2]

                succeeds folder $"coarse-grain {crystal} -o both.extxyz --frames 0 --with-atoms --quiet"
                |> ignore

                let both = rows "both.extxyz"
                Expect.stringContains both[1] "Properties=species:S:1:species_number:I:1:pos:R:3" "symbols and numbers"
                Expect.isTrue (both[2].StartsWith "X 1001 ") both[2]
                Expect.isTrue (both[50].StartsWith "C 6 ") both[50]
                let back = (framesIn folder "both.extxyz").Head
                Expect.equal back.SpeciesNames (Map [ 1, "H"; 6, "C"; 1001, "C6H6" ]) "names"

                Expect.equal
                    (back.Frame.Particles |> Seq.countBy _.Species |> Seq.toList)
                    [ 1001, 48; 6, 288; 1, 288 ]
                    "species"

                for name in [ "alone"; "both" ] do
                    let told = (succeeds folder $"convert {name}.extxyz -o again-{name}.extxyz").Errors
                    Expect.isFalse (told.Contains "not written") told
                    Expect.equal (rows $"again-{name}.extxyz") (rows $"{name}.extxyz") $"{name}, written again")
        }

        test "one rigid shape for all: the average, the same in every frame" {
            inFolder (fun folder ->
                succeeds
                    folder
                    $"coarse-grain {liquid} -o out.extxyz --frames :4 --shape-from average --uniaxial --quiet"
                |> ignore

                let shapes =
                    framesIn folder "out.extxyz"
                    |> Seq.collect (fun frame -> frame.Frame.Particles |> Seq.map _.SemiAxes)
                    |> Seq.distinct
                    |> Seq.toList

                Expect.equal shapes.Length 1 "one shape"
                Expect.equal shapes.Head.X shapes.Head.Y "uniaxial")
        }

        test "a data file of whole molecules has flags that make them whole" {
            inFolder (fun folder ->
                File.WriteAllText(
                    Path.Combine(folder, "two.data"),
                    TwoMoleculesTests.data.Replace(" -1 -1 -1\n", " 0 0 0\n")
                )

                succeeds folder "coarse-grain two.data -o out.data --min-axis 0.1 --whole-output whole.data --quiet"
                |> ignore

                let whole = (framesIn folder "whole.data").Head
                let flags = (Quantities.tryIntegers Quantities.Images 3 whole).Value
                let p = whole.Frame.Particles

                let at i =
                    p[i].Position
                    + cellVector whole.Frame.Cell (int flags[3 * i], int flags[3 * i + 1], int flags[3 * i + 2])

                for i, j in [ 0, 1; 1, 2; 2, 3; 3, 4; 5, 6; 6, 7 ] do
                    Close.below (Vector3.norm (at i - at j)) 2.0 $"atoms {i} and {j} are bonded")
        }

        test "frames small and large become the same bytes on any number of threads, and a torn file is told on all" {
            inFolder (fun folder ->
                let line (name: string) (x: float) (y: float) (z: float) (molecule: int) =
                    String.Format(CultureInfo.InvariantCulture, "{0} {1} {2} {3} {4}", name, x, y, z, molecule)

                let frame molecules =
                    let atoms = [
                        for m in 1..molecules do
                            let x, y = 5.0 * float (m % 50), 5.0 * float (m / 50)
                            // A molecule of three atoms that are on no line, no two of a kind alike.
                            line "O" x y 0.0 m
                            line "H" (x + 0.9) (y + 1e-4 * float m) 0.1 m
                            line "H" (x - 0.3) (y + 0.8) 0.0 m
                    ]

                    $"{atoms.Length}\nProperties=species:S:1:pos:R:3:molid:I:1" :: atoms

                let write (name: string) lines =
                    File.WriteAllText(Path.Combine(folder, name), String.concat "\n" lines + "\n")

                // The large ones have more atoms than may wait.
                let sizes = List.replicate 150 3 @ [ 6_000; 2; 6_000 ] @ List.replicate 40 40
                let lines = sizes |> List.collect frame
                write "atoms.extxyz" lines
                write "torn.extxyz" (List.truncate (lines.Length - 5) lines)

                for threads in 1..3 do
                    succeeds
                        folder
                        $"coarse-grain atoms.extxyz -o out{threads}.extxyz --min-axis 0.1 --threads {threads} --quiet"
                    |> ignore

                    fails
                        folder
                        $"coarse-grain torn.extxyz -o torn.{threads}.extxyz --min-axis 0.1 --threads {threads} --quiet"
                        "torn.extxyz"

                let bytes threads = File.ReadAllBytes(Path.Combine(folder, $"out{threads}.extxyz"))
                Expect.isTrue ((bytes 1).AsSpan().SequenceEqual(bytes 2)) "two threads"
                Expect.isTrue ((bytes 1).AsSpan().SequenceEqual(bytes 3)) "three threads"
                Expect.equal (framesIn folder "out2.extxyz").Length sizes.Length "all frames")
        }

        test "what cannot be done is said in one line" {
            inFolder (fun folder ->
                let input = benzene "crystal"
                fails folder $"coarse-grain {input} -o out.extxyz --bonds 1.2 --molecules molid" "one of both"
                fails folder $"coarse-grain {input} -o out.extxyz --shape fixed" "--semiaxes A,B,C"
                fails folder $"coarse-grain {input} -o out.extxyz --molecules nothing" "molid"
                fails folder $"coarse-grain {input} -o out.extxyz --bonds 0" "above zero"
                fails folder $"coarse-grain {input} -o out.extxyz --groups none.json" "none.json"
                fails folder $"coarse-grain {input} -o out.pdb" ".pdb"
                Expect.isEmpty (Directory.GetFiles folder) "nothing is left")
        }
    ]
