/// Values show themselves as short tables: at the prompt of F# Interactive, in notebooks, in messages.
module AniSoap.Tests.Display.DisplayTests

open Expecto
open Microsoft.DotNet.Interactive.Formatting
open AniSoap
open AniSoap.Display

let private ok result =
    match result with
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

let private particle number =
    let at = float number

    Ellipsoid.create 1 (Vector3.create at 0.5 -2.0) Quaternion.identity (Vector3.create 1.5 0.5 0.5)
    |> ok

let private frame count =
    let box =
        Cell.create (Vector3.create 10.0 0.0 0.0) (Vector3.create 0.0 20.0 0.0) (Vector3.create 0.0 0.0 30.0) {
            A = true
            B = true
            C = false
        }

    Frame.create (ok box) (List.init count particle)

let private hypers = { Hypers.create 2 (Gto 1.5) 4.0 with MaxRadial = RadialCount.Uniform 1 }
let private projection = Projection.create hypers [ 1 ] |> ok
let private spectrum = PowerSpectrum.mean projection [ frame 3 ] |> ok
let private coefficients = Expansion.coefficients projection [ frame 3 ] |> ok

let private lines (text: string) = text.Split '\n' |> Array.toList

/// As F# Interactive prints values.
let private printed value = sprintf "%A" value |> lines

let private text =
    testList "as text" [
        testCase "a frame is a line and its first particles"
        <| fun () ->
            Expect.equal
                (printed (frame 2))
                [
                    "2 particles of species 1; cell (10, 0, 0), (0, 20, 0), (0, 0, 30), periodic: a, b"
                    "  #  species  position      orientation (w, x, y, z)  semi-axes"
                    "  0  1        (0, 0.5, -2)  (1, 0, 0, 0)              (1.5, 0.5, 0.5)"
                    "  1  1        (1, 0.5, -2)  (1, 0, 0, 0)              (1.5, 0.5, 0.5)"
                ]
                "the table"

        testCase "a large frame says how much is not shown"
        <| fun () ->
            let shown = printed (frame 500)
            Expect.equal shown.Length 9 "title, header, six particles and a last line"
            Expect.equal (List.last shown) "  … 494 more" "the last line"

        testCase "an empty frame without a cell is a line"
        <| fun () ->
            Expect.equal (printed (Frame.create Cell.none [])) [ "0 particles of species ; no cell" ] "the line"

        testCase "a map is a line for every block"
        <| fun () ->
            Expect.equal
                (printed coefficients)
                [
                    "3 blocks"
                    "  o3_lambda  o3_sigma  center_type  samples  components  properties"
                    "  0          1         1            3        1           2"
                    "  1          1         1            3        3           2"
                    "  2          1         1            3        5           2"
                ]
                "the table"

        testCase "a block is its axes and its first values"
        <| fun () ->
            let shown = printed coefficients.Blocks[1]
            Expect.equal shown[0] "3 (system, atom) × 3 (o3_mu) × 2 (n, neighbor_type)" "the title"
            Expect.stringStarts shown[1] "  system  atom  o3_mu  [0]" "the header"
            Expect.stringStarts shown[3] "  0       0     0      " "the second component"
            Expect.stringStarts shown[5] "  0       1     -1     " "the second sample"
            Expect.equal (List.last shown) "  … 3 more" "the last line"

        testCase "a wide block says that columns are missing"
        <| fun () ->
            let shown = printed spectrum.Blocks[0]
            Expect.stringEnds shown[1] "…" "the header"

        testCase "labels are a line and their first rows"
        <| fun () ->
            Expect.equal
                (printed coefficients.Blocks[1].Properties)
                [ "2 × (n, neighbor_type)"; "  #  n  neighbor_type"; "  0  0  1"; "  1  1  1" ]
                "the table"

        testCase "a projection is its hyperparameters"
        <| fun () ->
            Expect.equal
                (printed projection)
                [
                    "projection on 18 functions for each species of neighbours"
                    "  hyperparameter         value"
                    "  max_angular            2"
                    "  max_radial             1"
                    "  radial_basis_name      gto"
                    "  radial_gaussian_width  1.5"
                    "  cutoff_radius          4"
                    "  center_density         merged"
                    "  species                1"
                ]
                "the table"

        testCase "a particle is a line"
        <| fun () ->
            Expect.equal
                (printed (particle 1))
                [ "species 1 at (1, 0.5, -2), orientation (1, 0, 0, 0), semi-axes (1.5, 0.5, 0.5)" ]
                "the line"
    ]

let private value item : obj = nonNull (box item)
let private html (value: obj) = value.ToDisplayString "text/html"
let private plain (value: obj) = value.ToDisplayString "text/plain"

let private notebooks =
    let shown: (string * obj * string) list = [
        "a frame", value (frame 9), "9 particles"
        "a map", value (spectrum), "1 block"
        "a block", value (spectrum.Blocks[0]), "1 (system)"
        "labels", value (spectrum.Keys), "1 ×"
        "a projection", value (projection), "projection on"
    ]

    testList "in notebooks" [
        for name, value, title in shown do
            testCase $"{name} is a table"
            <| fun () ->
                Expect.stringStarts (html value) $"<table><caption>{title}" "HTML"
                Expect.stringEnds (html value) "</table>" "HTML"
                Expect.stringContains (html value) "<th>" "a header"
                Expect.stringStarts (plain value) title "plain text"

        testCase "texts are escaped"
        <| fun () ->
            let table = DisplayTable.create "a < b" [ "<i>" ] 1 (fun _ -> [ "&" ])

            Expect.equal
                (DisplayTable.toHtml table)
                "<table><caption>a &lt; b</caption><thead><tr><th>&lt;i&gt;</th></tr></thead><tbody><tr><td>&amp;</td></tr></tbody></table>"
                "HTML"
    ]

[<Tests>]
let tests = testList "display" [ text; notebooks ]
