/// The verb `plot`: what its pages hold, and what it refuses.
module AniSoap.Tests.Cli.PlotTests

open System
open System.Collections.Immutable
open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Formats
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Golden
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Tests.Plotting.FigureData

let private succeeds (outcome: Outcome) =
    Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") "exit code and standard error"

let private refuses (fragment: string) (outcome: Outcome) =
    Expect.equal outcome.ExitCode 2 $"exit code; {outcome.Errors}"
    Expect.equal outcome.ErrorLines.Length 1 $"one line: {outcome.Errors}"
    Expect.stringContains outcome.Errors fragment "what is wrong"

let private hypers =
    words "--max-angular 3 --max-radial 2 --radial-gaussian-width 1.5 --cutoff-radius 4"

let private frames = [ "isotropic"; "nematic" ] |> List.map Repository.gayBerne

/// The traces of a page.
let private tracesOf folder name = [
    for trace in (File.ReadAllText(Path.Combine(folder, name)) |> constant "figure" |> get "data").EnumerateArray() ->
        trace
]

let private pageOf folder name = File.ReadAllText(Path.Combine(folder, name)) |> constant "page"
let private framesOf folder name = pageOf folder name |> Plotting.FigureData.frames

let private coordinates (traces: JsonElement list) =
    traces
    |> List.map (fun trace -> Array.append (numbers "x" trace) (numbers "y" trace))
    |> Array.concat

[<Tests>]
let tests =
    testList "program: plot" [
        testCase "frame draws the frame asked for, by what is asked for" (fun () ->
            inFolder (fun folder ->
                run folder ([ "plot"; "frame"; frames[1]; "-o"; "a.html"; "--frames"; "2"; "--length-unit"; "σ" ])
                |> succeeds

                let page = File.ReadAllText(Path.Combine(folder, "a.html"))
                Expect.stringContains page "<title>nematic, frame 2</title>" "the title"
                Expect.stringContains page "x / σ" "the unit"

                run folder ([ "plot"; "frame"; frames[1]; "-o"; "b.html"; "--color"; "species" ])
                |> succeeds

                Expect.equal ((tracesOf folder "b.html").Head |> text "name") "species 1" "species"))

        testCase "frame draws every frame that is selected, and names each" (fun () ->
            inFolder (fun folder ->
                run folder [ "plot"; "frame"; frames[0]; frames[1]; "-o"; "a.html"; "--frames"; "0:12:3" ]
                |> succeeds

                let shown = framesOf folder "a.html"

                Expect.equal
                    (shown |> List.map (text "label"))
                    [ "isotropic, frame 0"; "isotropic, frame 3"; "nematic, frame 0"; "nematic, frame 3" ]
                    "frames"

                for frame in shown do
                    Expect.equal (numbers "centers" frame).Length 1500 "three coordinates of 500 particles"

                let page = File.ReadAllText(Path.Combine(folder, "a.html"))
                Expect.stringContains page "<title>isotropic, nematic</title>" "the title"))

        testCase "frame says so where frames are more than a page holds, and draws every so many" (fun () ->
            inFolder (fun folder ->
                let frame k = $"1\nProperties=species:S:1:pos:R:3\nC {k} 0 0\n"
                File.WriteAllText(Path.Combine(folder, "many.xyz"), String.Join("", [ for k in 0..2100 -> frame k ]))

                let outcome = run folder (words "plot frame many.xyz -o many.html --point-diameter 1")
                Expect.equal outcome.ExitCode 0 "exit code"
                Expect.stringContains outcome.Errors "2101 frames are more than a page holds well" "the number"
                Expect.stringContains outcome.Errors "every 4th is drawn, 526 in all" "what is drawn"
                let shown = framesOf folder "many.html"

                Expect.equal
                    [ for frame in shown -> (numbers "centers" frame)[0] ]
                    [ for k in 0..4..2100 -> float k ]
                    "every fourth"

                Expect.equal (shown[1] |> text "label") "frame 4 (every 4th is here)" "its name"))

        testCase "frame colours by a column of the file, a component of it, or the length of a vector" (fun () ->
            inFolder (fun folder ->
                File.WriteAllText(
                    Path.Combine(folder, "two.xyz"),
                    "2\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3:forces:R:3:charge:R:1\n"
                    + "C 0 0 0 1 0 0 0 3 1 1 3 4 0 -0.5\nC 4 0 0 1 0 0 0 3 1 1 0 0 2 0.5\n"
                )

                for what, expected in
                    [ "charges", [| -0.5; 0.5 |]; "forces", [| 5.0; 2.0 |]; "forces[2]", [| 4.0; 0.0 |] ] do
                    run folder [ "plot"; "frame"; "two.xyz"; "-o"; "p.html"; "--force"; "--color"; what ]
                    |> succeeds

                    Expect.equal (framesOf folder "p.html" |> List.head |> numbers "values") expected what

                run folder [ "plot"; "frame"; "two.xyz"; "-o"; "q.html"; "--color"; "mass" ]
                |> refuses "forces"))

        testCase "map is the same from frames and from the files of their features" (fun () ->
            inFolder (fun folder ->
                for k, path in List.indexed frames do
                    run folder ([ "power-spectrum"; path; "-o"; $"f{k}.npz" ] @ hypers) |> succeeds
                    run folder ([ "power-spectrum"; path; "-o"; $"f{k}.mts" ] @ hypers) |> succeeds

                run folder ([ "plot"; "map" ] @ frames @ [ "-o"; "frames.html" ] @ hypers)
                |> succeeds

                run folder (words "plot map f0.npz f1.npz -o npz.html") |> succeeds
                run folder (words "plot map f0.mts f1.mts -o mts.html") |> succeeds
                let expected = tracesOf folder "frames.html"
                Expect.equal (expected |> List.map (text "name")) [ "isotropic"; "nematic" ] "groups"
                // The columns differ by factors √2 in place of pairs, and so may the signs of the axes.
                let sizes traces = coordinates traces |> Array.map abs
                let npz = tracesOf folder "npz.html"
                Close.toLargest 1e-10 (sizes npz) (sizes expected) "from .npz"
                Close.toLargest 1e-12 (coordinates (tracesOf folder "mts.html")) (coordinates npz) "from .mts"

                Expect.equal
                    [ for label in (get "text" npz[1]).EnumerateArray() -> label.GetString() ]
                    [ for k in 0..5 -> $"f1, frame {k}" ]
                    "labels"))

        testCase "map of particles has a point for each, coloured by the order of its frame" (fun () ->
            inFolder (fun folder ->
                run
                    folder
                    ([ "plot"; "map" ]
                     @ frames
                     @ words "-o map.html --per-particle --color order --frames 0 --frames 6"
                     @ hypers)
                |> succeeds

                let points = (tracesOf folder "map.html").Head
                Expect.equal (numbers "x" points).Length 1000 "two frames of 500"
                // P2 of both frames, as their files state it.
                let orders = numbers "color" (get "marker" points) |> Array.distinct
                Close.within 1e-6 1.0 orders [| 0.103698; 0.782587 |] "orders"))

        testCase "map holds the frames of its points, and offers every number that the file has as a colour" (fun () ->
            inFolder (fun folder ->
                let two k =
                    $"2\nProperties=species:S:1:pos:R:3:charge:R:1 temperature={k}.5 phase=\"p{k % 2}\"\n"
                    + $"C 0 0 0 -{k}\nC 1.{k} 0 0 {k}\n"

                File.WriteAllText(Path.Combine(folder, "f.xyz"), String.Join("", [ for k in 1..4 -> two k ]))
                let options = words "--point-diameter 1" @ hypers

                run folder (words "plot map f.xyz -o a.html --color temperature" @ options)
                |> succeeds

                let colours page = [
                    for colour in (pageOf folder page |> get "map" |> get "colours").EnumerateArray() -> colour
                ]

                Expect.equal (colours "a.html" |> List.map (text "name")) [ "temperature"; "phase"; "frame" ] "names"
                Expect.equal (colours "a.html" |> List.head |> numbers "numbers") [| 1.5; 2.5; 3.5; 4.5 |] "numbers"

                Expect.equal
                    (colours "a.html" |> List.item 1 |> numbers "of")
                    [| 0.0; 1.0; 0.0; 1.0 |]
                    "words are groups"

                run folder (words "plot map f.xyz -o b.html --per-particle --color charges" @ options)
                |> succeeds

                Expect.equal
                    (colours "b.html" |> List.head |> numbers "numbers")
                    [|
                        for k in 1..4 do
                            -float k
                            float k
                    |]
                    "of particles"

                let map = pageOf folder "b.html" |> get "map"

                Expect.equal
                    (numbers "structure" map)
                    [|
                        for k in 0..3 do
                            float k
                            float k
                    |]
                    "the frame of each point"

                Expect.equal
                    (numbers "particle" map)
                    [|
                        for _ in 0..3 do
                            0.0
                            1.0
                    |]
                    "the particle of each point"

                // The same from features with the frames beside them.
                run folder (words "power-spectrum f.xyz -o f.npz --per-particle" @ options)
                |> succeeds

                run
                    folder
                    (words "plot map f.npz -o c.html --structures f.xyz --color temperature --point-diameter 1")
                |> succeeds

                let other = pageOf folder "c.html"

                for name in [ "structure"; "particle" ] do
                    Expect.equal (numbers name (get "map" other)) (numbers name map) name

                Expect.equal
                    (Plotting.FigureData.frames other |> List.map (numbers "centers"))
                    (framesOf folder "b.html" |> List.map (numbers "centers"))
                    "frames"

                run folder (words "plot map f.npz -o d.html --color mood")
                |> refuses "--structures"

                run folder (words "plot map f.npz -o d.html --color frame --no-structures")
                |> succeeds

                Expect.isNone (pageOf folder "d.html" |> tryGet "structures") "the map alone"))

        testCase "map names files of one name by what tells them apart" (fun () ->
            inFolder (fun folder ->
                for k, name in List.indexed [ "cold"; "hot" ] do
                    Directory.CreateDirectory(Path.Combine(folder, "deep", name)) |> ignore

                    let frame j = $"2\nProperties=species:S:1:pos:R:3\nC 0 0 0\nC 1.{2 * j + k} 0 0\n"

                    File.WriteAllText(Path.Combine(folder, "deep", name, "run.xyz"), frame 0 + frame 1)

                run
                    folder
                    (words "plot map deep/cold/run.xyz deep/hot/run.xyz -o a.html --point-diameter 1"
                     @ hypers)
                |> succeeds

                let traces = tracesOf folder "a.html"
                Expect.equal (traces |> List.map (text "name")) [ "cold/run"; "hot/run" ] "names"

                Expect.equal
                    [ for label in (get "text" traces[1]).EnumerateArray() -> label.GetString() ]
                    [ "hot/run, frame 0"; "hot/run, frame 1" ]
                    "labels"))

        testCase "spectrum shows the row asked for" (fun () ->
            inFolder (fun folder ->
                run folder ([ "power-spectrum"; frames[1]; "-o"; "f.npz" ] @ hypers) |> succeeds
                run folder (words "plot spectrum f.npz -o a.html --row 2") |> succeeds

                run folder ([ "plot"; "spectrum"; frames[1]; "-o"; "b.html"; "--row"; "2" ] @ hypers)
                |> succeeds

                let values trace = [
                    for line in (get "customdata" trace: JsonElement).EnumerateArray() do
                        for value in line.EnumerateArray() -> value.GetDouble()
                ]

                let a, b = tracesOf folder "a.html", tracesOf folder "b.html"
                Expect.equal a.Length 4 "a panel for each l"
                Expect.equal (a |> List.map values) (b |> List.map values) "the same from frames"
                let arrays = NumpyFiles.npz (Path.Combine(folder, "f.npz"))
                let row = NumpyFiles.floats arrays["values"] |> Array.chunkBySize (4 * 9) |> Array.item 2
                Expect.equal (a |> List.collect values) (Array.toList row) "the row's values, l by l"

                run folder (words "plot spectrum f.npz -o c.html --row 6")
                |> refuses "from 0 to 5"))

        testCase "basis takes hyperparameters from options, from JSON, or from an earlier output" (fun () ->
            inFolder (fun folder ->
                run folder ([ "power-spectrum"; frames[0]; "-o"; "f.npz"; "--frames"; "0" ] @ hypers)
                |> succeeds

                run folder ([ "plot"; "basis"; "-o"; "a.html" ] @ hypers) |> succeeds
                run folder (words "plot basis f.npz -o b.html") |> succeeds
                let curves name = tracesOf folder name |> List.map (numbers "y")
                Expect.equal (curves "a.html").Length 12 "three functions for each of four l"
                Expect.equal (curves "b.html") (curves "a.html") "the same"

                run folder (words "plot basis -o c.html")
                |> refuses "max_angular, radial_gaussian_width and cutoff_radius are missing"))

        testCase "density draws the density of a particle" (fun () ->
            inFolder (fun folder ->
                run
                    folder
                    ([ "plot"; "density"; frames[0]; "-o"; "d.html"; "--particle"; "7"; "--plane"; "yz" ]
                     @ hypers)
                |> succeeds

                Expect.equal (tracesOf folder "d.html").Length 3 "density, reconstruction, difference"

                run folder ([ "plot"; "density"; frames[0]; "-o"; "e.html"; "--particle"; "500" ] @ hypers)
                |> refuses "0 to 499"

                run
                    folder
                    ([ "plot"; "density"; frames[0]; "-o"; "e.html"; "--neighbor-type"; "6" ]
                     @ hypers)
                |> refuses "--neighbor-type"))

        testCase "body draws what a potential has learnt, in the ellipsoids of frames" (fun () ->
            inFolder (fun folder ->
                let site x = { Position = Vector3.create x 0.1 0.0; Type = "a" }
                let body = SiteBody.create 6 [ site -0.5; site 0.5 ] |> sure

                let f = {
                    First = "a"
                    Second = "a"
                    Form = SiteForm.Exponentials(1.0, ImmutableArray.Create<float>(-1.0, 2.0))
                    Nearest = 0.8
                    Farthest = 7.0
                }

                let cutoff = SiteCutoff.create 3.0 0.5 |> sure
                let sites = SitePotential.Create([ body ], [ f ], cutoff) |> sure
                let fit = { Frames = 3; Regularization = 1e-10; HeldOut = 0.25 }

                let trial sites left = {
                    Species = 6
                    Sites = sites
                    Types = 1
                    Training = left
                    Validation = left
                    Successes = 1
                    Starts = 2
                }

                Potential(None, Some sites, fit, [ trial 1 0.5; trial 2 0.01 ])
                |> PotentialFile.save Existing.Keep (Path.Combine(folder, "model.json"))
                |> sure

                File.WriteAllText(
                    Path.Combine(folder, "one.xyz"),
                    "1\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3\nC 5 0 0 1 0 0 0 3 1 1\n"
                )

                run folder (words "plot body model.json -o a.html --ellipsoids one.xyz")
                |> succeeds

                let traces = tracesOf folder "a.html"
                let kinds = traces |> List.map (text "type")
                Expect.equal kinds [ "mesh3d"; "scatter3d"; "scatter"; "scatter" ] "ellipsoid, sites, function, cost"
                Expect.equal (numbers "x" traces[1]) [| -0.5; 0.5 |] "sites"

                Close.toLargest
                    1e-6
                    [| Array.max (numbers "x" traces[0]) |]
                    [| 1.5 |]
                    "the ellipsoid is around the body"

                Expect.equal (numbers "y" traces[3]) [| 50.0; 1.0 |] "what was tried"

                File.WriteAllText(Path.Combine(folder, "other.json"), "{}")
                run folder (words "plot body other.json -o b.html") |> refuses "other.json"

                run folder (words "plot body model.json -o b.html --ellipsoids no.xyz")
                |> refuses "no.xyz"))

        testCase "refuses what it cannot draw, and leaves no file" (fun () ->
            inFolder (fun folder ->
                File.WriteAllText(Path.Combine(folder, "there.html"), "kept")
                run folder [ "plot" ] |> refuses "a picture is missing; accepted: frame, basis"
                run folder [ "plot"; "banana" ] |> refuses "picture = banana"
                run folder [ "plot"; "frame"; frames[0] ] |> refuses "--output is missing"
                run folder [ "plot"; "frame"; frames[0]; "-o"; "a.pdf" ] |> refuses ".html"

                run folder [ "plot"; "frame"; frames[0]; "-o"; "there.html" ]
                |> refuses "--force"

                run folder [ "plot"; "frame"; "none.xyz"; "-o"; "a.html" ]
                |> refuses "does not exist"

                run folder [ "plot"; "frame"; frames[0]; "-o"; "a.html"; "--triangles"; "0" ]
                |> refuses "--triangles"

                run folder [ "plot"; "map"; frames[0]; "f.npz"; "-o"; "a.html" ]
                |> refuses "not both"

                run folder ([ "plot"; "map"; frames[0]; "-o"; "a.html"; "--frames"; "0" ] @ hypers)
                |> refuses "two rows"

                run folder ([ "plot"; "map"; frames[0]; "-o"; "a.html"; "--color"; "mood" ] @ hypers)
                |> refuses "energy"

                Expect.equal (Directory.GetFiles folder) [| Path.Combine(folder, "there.html") |] "files"
                Expect.equal (File.ReadAllText(Path.Combine(folder, "there.html"))) "kept" "what was there"))
    ]
