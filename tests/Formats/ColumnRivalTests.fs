/// Columns that contradict each other: which one is taken, and what is said of the other.
module AniSoap.Tests.ColumnRivalTests

open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

let private read options columns row =
    let text = $"1\nProperties={columns}\n{row}\n"

    withText "a.xyz" text (fun path ->
        let warnings = ResizeArray<string>()

        match FrameFile.readWith { options with Warn = warnings.Add } path |> Seq.toList with
        | [ Ok frame ] -> frame.Particles[0], List.ofSeq warnings
        | other -> failtestf "%A" other)

let private defaults = InputOptions.defaults

[<Tests>]
let tests =
    testList "columns that contradict each other" [
        testCase
            "of a radius and a diameter beside zero shapes the radius counts, as in OVITO, and the other is named"
            (fun () ->
                for sizes, numbers in [ "radius:R:1:diameter:R:1", "0.7 0.4"; "diameter:R:1:radius:R:1", "0.4 0.7" ] do
                    let particle, warnings =
                        read
                            defaults
                            $"species:S:1:pos:R:3:orientation:R:4:aspherical_shape:R:3:{sizes}"
                            $"C 0 0 0 0 0 0 1 0 0 0 {numbers}"

                    Expect.equal (coordinates particle.SemiAxes) [| 0.7; 0.7; 0.7 |] sizes
                    Expect.equal warnings.Length 1 "one warning"
                    Expect.stringContains warnings.Head "not used: diameter" "warning")

        testCase
            "spheres of one number are told of columns beside them that could be shapes, where there are orientations"
            (fun () ->
                let columns = "species:S:1:pos:R:3:c_q:R:4:axes:R:3:radius:R:1"
                let row = "C 0 0 0 0.6 0 0 0.8 1 2 3 0.5"
                let particle, warnings = read defaults columns row
                Expect.equal (coordinates particle.SemiAxes) [| 0.5; 0.5; 0.5 |] "a sphere"
                Expect.equal warnings.Length 1 "one warning"
                Expect.stringContains warnings.Head "axes (--shape-key" "the remedy"

                let shaped, _ =
                    read { defaults with ShapeKey = Some "axes"; ShapeAs = Some ShapeMeasure.SemiAxis } columns row

                Expect.equal (coordinates shaped.SemiAxes) [| 1.0; 2.0; 3.0 |] "the remedy helps"

                let plain = read defaults "species:S:1:pos:R:3:axes:R:3:radius:R:1" "C 0 0 0 1 2 3 0.5"
                Expect.isEmpty (snd plain) "spheres without orientations"

                let forces =
                    read defaults "species:S:1:pos:R:3:c_q:R:4:forces:R:3:radius:R:1" "C 0 0 0 1 0 0 0 1 2 3 0.5"

                Expect.isEmpty (snd forces) "forces are no shapes")

        testCase "names in a column type or element beside particles that are all called X are told" (fun () ->
            for name in [ "type"; "element" ] do
                let columns = $"species:S:1:pos:R:3:{name}:S:1:radius:R:1"
                let particle, warnings = read defaults columns "X 0 0 0 B 0.5"
                Expect.equal particle.Species 0 "X"
                Expect.equal warnings.Length 1 "one warning"
                Expect.stringContains warnings.Head $"the column {name} has names" "warning"
                Expect.isEmpty (snd (read defaults columns "C 0 0 0 B 0.5")) "names that tell something")

        testCase "of a chemiscope shape, parts and positions that are not used are told" (fun () ->
            let told shape =
                let text =
                    "{\"structures\": [{\"size\": 1, \"names\": [\"H\"], \"x\": [0], \"y\": [0], \"z\": [0]}], \"shapes\": {\"m\": "
                    + shape
                    + "}}"

                withText "a.json" text (fun path ->
                    let warnings = ResizeArray<string>()
                    let frames = FrameFile.readWith { defaults with Warn = warnings.Add } path |> Seq.toList

                    Expect.equal
                        (coordinates (Golden.sure frames[0]).Particles[0].SemiAxes)
                        [| 1.0; 0.5; 0.5 |]
                        "axes"

                    List.ofSeq warnings)

            let ellipsoid axes more =
                $"{{\"kind\": \"ellipsoid\", \"parameters\": {{\"global\": {{\"semiaxes\": {axes}{more}}}}}}}"

            let one = ellipsoid "[1, 0.5, 0.5]" ""
            let arrow = "{\"kind\": \"arrow\", \"parameters\": {\"global\": {\"vector\": [1, 0, 0]}}}"
            let combined others = $"{{\"kind\": \"combined\", \"shapes\": [{one}, {others}]}}"
            Expect.isEmpty (told one) "alone"
            Expect.isEmpty (told (combined arrow)) "with an arrow"

            match told (combined (ellipsoid "[3, 1, 1]" "")) with
            | [ warning ] -> Expect.stringContains warning "only the first ellipsoid" "two ellipsoids"
            | other -> failtestf "%A" other

            match told (ellipsoid "[1, 0.5, 0.5]" ", \"position\": [1, 0, 0]") with
            | [ warning ] -> Expect.stringContains warning "positions of its own" "moved"
            | other -> failtestf "%A" other)
    ]
