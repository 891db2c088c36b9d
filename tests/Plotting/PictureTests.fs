module AniSoap.Tests.Plotting.PictureTests

open System
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Plotting
open AniSoap.Tests
open AniSoap.Tests.Golden
open AniSoap.Tests.Features
open AniSoap.Tests.Plotting.FigureData

let private frame =
    let place k = Vector3.create (1.3 * float k) (0.4 * float k) 0.0

    Frame.create Cell.none [
        for k in 0..3 ->
            Ellipsoid.create (if k % 2 = 0 then 1 else 8) (place k) Quaternion.identity (Vector3.create 1.0 0.5 0.4)
            |> sure
    ]

let private projection = Projection.create smallHypers [ 1; 8 ] |> sure

let private spectrum columns =
    let map =
        PowerSpectrum.perParticleWith RunOptions.defaults columns projection [ frame ]
        |> sure

    let block = map |> TensorMap.block [ "center_type", 1 ] |> sure
    block.Properties, block.Row(0, 0).ToArray()

[<Tests>]
let bodies =
    testList "pictures of bodies" [
        let site x kind = { Position = Vector3.create x 0.0 0.1; Type = kind }
        let body species = SiteBody.create species [ site -0.5 "a"; site 0.5 "b"; site 0.0 "a" ] |> sure

        let curve second nearest = {
            First = "a"
            Second = second
            Distances = [ 0.5; 1.0; 2.0; 3.0 ]
            Energies = [ 1e6; -1.0; -0.2; 0.0 ]
            Nearest = nearest
            Farthest = 9.0
        }

        let cost types sites left = { Species = 1; Sites = sites; Types = types; HeldOut = left }

        testCase "have a scene for each body with its sites by type, and shade the distances of the data"
        <| fun () ->
            let around =
                Ellipsoid.create 8 (Vector3.create 5.0 5.0 5.0) Quaternion.identity (Vector3.create 2.0 1.0 1.0)
                |> sure

            let picture =
                BodyPicture.create { BodyPicture.defaults with Ellipsoids = [ around ] } [ body 1; body 8 ] [
                    curve "a" 0.9
                    curve "b" 1.1
                ] [ cost 1 2 0.1; cost 1 1 0.5; cost 2 2 0.01 ]
                |> sure

            let named kind = traces picture |> List.filter (fun trace -> text "type" trace = kind)
            let points = named "scatter3d"
            Expect.equal (points |> List.map (text "scene")) [ "scene"; "scene"; "scene2"; "scene2" ] "bodies, types"
            Expect.equal (points |> List.map (numbers "x" >> Array.length)) [ 2; 1; 2; 1 ] "sites"
            Expect.equal (named "mesh3d" |> List.map (text "scene")) [ "scene2" ] "the ellipsoid of its species"
            let layout = (figure picture).GetProperty "layout"

            let shades = [
                for shape in (get "shapes" layout).EnumerateArray() ->
                    (get "x0" shape).GetDouble(), (get "x1" shape).GetDouble()
            ]

            Expect.equal shades [ 0.9, 3.0; 1.1, 3.0 ] "from the shortest distance to where the picture ends"
            let range = get "yaxis" layout |> numbers "range"
            Close.below range[0] -1.0 "as deep as the well"
            Close.above range[0] -1.5 "and not much deeper"
            Close.below range[1] 10.0 "not as high as the wall"

            Expect.equal
                (named "scatter"
                 |> List.skip 2
                 |> List.map (fun trace -> numbers "x" trace, numbers "y" trace))
                [ [| 1.0; 2.0 |], [| 50.0; 10.0 |]; [| 2.0 |], [| 1.0 |] ]
                "by the number of types, in order"

        testCase "without anything tried have no panel for it, and need a body"
        <| fun () ->
            let picture = BodyPicture.create BodyPicture.defaults [ body 1 ] [ curve "a" 0.9 ] [] |> sure
            Expect.isNone ((figure picture).GetProperty "layout" |> tryGet "yaxis2") "one panel"

            Expect.stringContains
                (BodyPicture.create BodyPicture.defaults [] [] [] |> Tensors.sentence)
                "number of bodies"
                "none"
    ]

[<Tests>]
let basis =
    testList "pictures of bases" [
        testCase "draw every function, and name every n once"
        <| fun () ->
            let hypers = { smallHypers with MaxRadial = RadialCount.PerAngular [ 3; 2; 2; 1; 0 ] }
            let projection = Projection.create hypers [ 1 ] |> sure
            let curves = BasisPicture.create BasisPicture.defaults projection |> traces
            Expect.equal curves.Length (4 + 3 + 3 + 2 + 1) "curves"

            let named =
                curves
                |> List.filter (fun curve -> (get "showlegend" curve).GetBoolean())
                |> List.map (text "name")

            Expect.equal named [ "n = 0"; "n = 1"; "n = 2"; "n = 3" ] "legend"

            for curve, (l, n) in
                List.zip curves [
                    for l, last in List.indexed [ 3; 2; 2; 1; 0 ] do
                        for n in 0..last -> l, n
                ] do
                let expected =
                    numbers "x" curve
                    |> Array.map (fun r -> (RadialFunctions.orthonormal projection l r)[n])

                Expect.equal (numbers "y" curve) expected $"R of l = {l}, n = {n}"
    ]

[<Tests>]
let spectra =
    testList "pictures of spectra" [
        testCase "put every value at its l, (n_1, species) and (n_2, species)"
        <| fun () ->
            let properties, row = spectrum OrderedPairs
            let panels = SpectrumPicture.panels properties row |> sure
            Expect.equal (panels |> List.map _.L) [ 0 .. smallHypers.MaxAngular ] "a panel for each l"
            let mutable seen = 0

            for panel in panels do
                for i, (n1, t1) in Seq.indexed panel.Entries do
                    for j, (n2, t2) in Seq.indexed panel.Entries do
                        let at = properties |> Labels.position [ panel.L; n1; t1; n2; t2 ]
                        Expect.equal (panel.Values[i][j]) row[at.Value] $"l = {panel.L}, ({n1}, {t1}), ({n2}, {t2})"
                        seen <- seen + 1

            Expect.equal seen row.Length "every value has a place"

        testCase "of compact spectra are those of full ones"
        <| fun () ->
            let full = spectrum OrderedPairs ||> SpectrumPicture.panels |> sure
            let compact = spectrum UnorderedPairs ||> SpectrumPicture.panels |> sure

            for a, b in List.zip full compact do
                Expect.equal b.Entries a.Entries "rows and columns"
                Close.toLargest 1e-14 (Array.concat b.Values) (Array.concat a.Values) $"l = {a.L}"

        testCase "are coloured relative to the largest of their l"
        <| fun () ->
            let properties, row = spectrum OrderedPairs
            let maps = SpectrumPicture.create SpectrumPicture.defaults properties row |> sure |> traces

            for map in maps do
                let values = [
                    for line in (get "z" map).EnumerateArray() do
                        for value in line.EnumerateArray() -> abs (value.GetDouble())
                ]

                Close.within 1e-15 1.0 [| List.max values |] [| 1.0 |] "the largest"

        testCase "are refused of other tables"
        <| fun () ->
            let properties, row = spectrum OrderedPairs
            Expect.isError (SpectrumPicture.create SpectrumPicture.defaults properties row[1..]) "a value is missing"
            let other = Labels.range "feature" 3 |> sure
            Expect.isError (SpectrumPicture.create SpectrumPicture.defaults other [ 1.0; 2.0; 3.0 ]) "other labels"
    ]

[<Tests>]
let densities =
    testList "pictures of densities" [
        testCase "show the density, its reconstruction and the difference in the plane asked for"
        <| fun () ->
            let style = { DensityPicture.defaults with Plane = XZ; Points = 9; HalfWidth = Some 2.0 }
            let maps = DensityPicture.create style projection frame 0 8 |> sure |> traces
            let exact = DensityField.exact projection frame 0 8 |> sure

            let rebuilt =
                DensityField.coefficients projection frame 0 8
                |> sure
                |> DensityField.reconstruct projection

            let places = [| for i in 0..8 -> -2.0 + 0.5 * float i |]

            let field f = [|
                for z in places do
                    for x in places -> f (Vector3.create x 0.0 z)
            |]

            let shown map = [|
                for line in (get "z" map: JsonElement).EnumerateArray() do
                    for value in line.EnumerateArray() -> value.GetDouble()
            |]

            match maps |> List.map shown with
            | [ density; reconstruction; difference ] ->
                Close.toLargest 1e-14 density (field exact) "density"
                Close.toLargest 1e-14 reconstruction (field rebuilt) "reconstruction"
                Close.toLargest 1e-14 difference (field (fun p -> rebuilt p - exact p)) "difference"
            | _ -> failtest "three maps"

            Expect.equal (numbers "x" maps.Head) places "places"

        testCase "are refused without a width or points"
        <| fun () ->
            let isRefused style = Expect.isError (DensityPicture.create style projection frame 0 1) ""
            isRefused { DensityPicture.defaults with Points = 1 }
            isRefused { DensityPicture.defaults with HalfWidth = Some 0.0 }
    ]

let private block (rows: float[][]) =
    let samples = Labels.range "frame" rows.Length |> sure
    let properties = Labels.range "feature" rows[0].Length |> sure
    TensorBlock.create samples [] properties (Array.concat rows) |> sure

let private rows = [| for i in 0..5 -> [| float i; 0.1 * float (i * i); 2.0 |] |]

[<Tests>]
let maps =
    testList "maps of features" [
        testCase "have the points at their principal components"
        <| fun () ->
            let components = PrincipalComponents.fit 2 (block rows) |> sure
            let expected = PrincipalComponents.project components (block rows) |> sure

            let points =
                MapPicture.create MapPicture.defaults (block rows)
                |> sure
                |> traces
                |> List.exactlyOne

            Expect.equal (numbers "x" points) [| for i in 0..5 -> expected[i, 0] |] "first"
            Expect.equal (numbers "y" points) [| for i in 0..5 -> expected[i, 1] |] "second"

        testCase "keep groups, labels and places together"
        <| fun () ->
            let style = {
                MapPicture.defaults with
                    Colouring = ByGroup [ "a"; "b"; "a"; "b"; "b"; "a" ]
                    Hover = [ for i in 0..5 -> $"frame {i}" ]
            }

            let all =
                MapPicture.create MapPicture.defaults (block rows)
                |> sure
                |> traces
                |> List.exactlyOne
                |> numbers "x"

            let groups = MapPicture.create style (block rows) |> sure |> traces
            Expect.equal (groups |> List.map (text "name")) [ "a"; "b" ] "names"

            for group, members in List.zip groups [ [ 0; 2; 5 ]; [ 1; 3; 4 ] ] do
                Expect.equal (numbers "x" group) [| for i in members -> all[i] |] "places"

                Expect.equal
                    [ for label in (get "text" group).EnumerateArray() -> label.GetString() ]
                    [ for i in members -> $"frame {i}" ]
                    "labels"

        testCase "colour by a number, and leave grey what has none"
        <| fun () ->
            let style = {
                MapPicture.defaults with
                    Colouring = ByNumber("order", [ 0.1; nan; 0.3; 0.4; 0.5; 0.6 ])
            }

            match MapPicture.create style (block rows) |> sure |> traces with
            | [ known; unknown ] ->
                Expect.equal (numbers "color" (get "marker" known)) [| 0.1; 0.3; 0.4; 0.5; 0.6 |] "numbers"
                Expect.equal (numbers "x" unknown).Length 1 "one without"
            | _ -> failtest "two sets of points"

        testCase "are refused where rows are equal, and where colours or labels are not one a row"
        <| fun () ->
            let create style = MapPicture.create style (block rows)

            Expect.isError
                (MapPicture.create MapPicture.defaults (block (Array.replicate 4 [| 1.0; 2.0 |])))
                "equal rows"

            Expect.isError (create { MapPicture.defaults with Colouring = ByGroup [ "a" ] }) "groups"
            Expect.isError (create { MapPicture.defaults with Colouring = ByNumber("S", [ 1.0 ]) }) "numbers"
            Expect.isError (create { MapPicture.defaults with Hover = [ "a" ] }) "labels"
    ]

[<Tests>]
let benchmarks =
    testList "pictures of benchmarks" [
        testCase "leave out what has no logarithm, and sort the rest"
        <| fun () ->
            let curve = { Name = "one thread"; Points = [ 100.0, 2.0; 10.0, 0.5; 0.0, 1.0; 5.0, -1.0 ] }

            let trace =
                BenchmarkPicture.create "" "particles" "seconds" [ curve ]
                |> traces
                |> List.exactlyOne

            Expect.equal (numbers "x" trace, numbers "y" trace) ([| 10.0; 100.0 |], [| 0.5; 2.0 |]) "points"
    ]

[<Tests>]
let parity =
    let values (numbers: float list) = System.Collections.Immutable.ImmutableArray.CreateRange numbers

    let panel name reference found : ParityPanel = {
        Name = name
        Note = name + " well found"
        Reference = values reference
        Found = values found
    }

    let line: LearningLine = {
        Name = "forces"
        Frames = System.Collections.Immutable.ImmutableArray.CreateRange [ 10; 20 ]
        Percent = values [ 4.0; 2.0 ]
    }

    testList "pictures of parity" [
        testCase "draw found against reference with the line of equality, and the learning curve beside them"
        <| fun () ->
            let chart =
                ParityPicture.create "" [ panel "energy" [ 1.0; 3.0 ] [ 1.5; 2.5 ] ] [ line ]
                |> sure

            match traces chart with
            | [ equality; points; curve ] ->
                Expect.equal (numbers "x" equality, numbers "y" equality) ([| 1.0; 3.0 |], [| 1.0; 3.0 |]) "equality"
                Expect.equal (numbers "x" points, numbers "y" points) ([| 1.0; 3.0 |], [| 1.5; 2.5 |]) "points"
                Expect.equal (numbers "x" curve, numbers "y" curve) ([| 10.0; 20.0 |], [| 4.0; 2.0 |]) "curve"
                Expect.equal (text "xaxis" curve) "x2" "an axis of its own"
            | other -> failtest $"{other.Length} traces"

        testCase "of many points draw every so many-th"
        <| fun () ->
            let many = [ for i in 1..12001 -> float i ]
            let chart = ParityPicture.create "" [ panel "forces" many many ] [] |> sure
            let x = numbers "x" (List.item 1 (traces chart))
            Expect.equal (x.Length, x[0], x[1]) (4001, 1.0, 4.0) "every third"

        testCase "refuse nothing, and lists of different lengths"
        <| fun () ->
            Expect.isError (ParityPicture.create "" [] []) "nothing"
            Expect.isError (ParityPicture.create "" [ panel "energy" [ 1.0 ] [] ] []) "lengths"
            Expect.isError (ParityPicture.create "" [ panel "energy" [] [] ] []) "no numbers"
    ]
