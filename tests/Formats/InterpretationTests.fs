/// What columns of shapes, orientations and species mean.
module AniSoap.Tests.InterpretationTests

open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Formats

let private defaults = InputOptions.defaults

/// A frame of one particle at the origin with these columns behind its position.
let private one columns row = $"1\nProperties=species:S:1:pos:R:3{columns}\nC 0 0 0 {row}\n"

let private only options content =
    match framesOfText options content with
    | [ frame ] when frame.Particles.Length = 1 -> frame.Particles[0]
    | frames -> failtestf "%d frames" frames.Length

let private axes options content = coordinates (only options content).SemiAxes

let private turned = ":c_q:R:4"
let private half = sqrt 0.5

let private quarterTurn: Quaternion = { W = half; X = 0.0; Y = 0.0; Z = half }

let private expectClose (actual: Quaternion) (expected: Quaternion) message =
    Close.within
        1e-15
        1.0
        [| actual.W; actual.X; actual.Y; actual.Z |]
        [| expected.W; expected.X; expected.Y; expected.Z |]
        message

let private warningsOf options content =
    withText "input.xyz" content (fun path ->
        let heard = ResizeArray<string>()
        FrameFile.readWith { options with Warn = heard.Add } path |> Seq.iter ignore
        Seq.toList heard)

let private shapes =
    testList "shapes" [
        testCase "every spelling of the diameters' columns is known, and halved"
        <| fun () ->
            for columns in
                [
                    ":c_diameter[1]:R:1:c_diameter[2]:R:1:c_diameter[3]:R:1"
                    @":c_diameter\[1\]:R:1:c_diameter\[2\]:R:1:c_diameter\[3\]:R:1"
                    ":c_diameter1:R:1:c_diameter2:R:1:c_diameter3:R:1"
                    ":c_diameter3:R:1:c_diameter2:R:1:c_diameter1:R:1"
                    ":c_diameter:R:3"
                    ":diameter:R:3"
                    ":shapex:R:1:shapey:R:1:shapez:R:1"
                    ":c_shape[1]:R:1:c_shape[2]:R:1:c_shape[3]:R:1"
                    ":diameter:I:3"
                ] do
                let row =
                    if columns.StartsWith ":c_diameter3" then
                        "2 4 6"
                    else
                        "6 4 2"

                Expect.equal (axes defaults (one (turned + columns) $"1 0 0 0 {row}")) [| 3.0; 2.0; 1.0 |] columns

        testCase "quoted Properties keep the brackets of c_diameter[1]"
        <| fun () ->
            let content =
                "1\nProperties=\"species:S:1:pos:R:3:c_q:R:4:c_diameter[1]:R:1:c_diameter[2]:R:1:c_diameter[3]:R:1\"\nC 0 0 0 1 0 0 0 6 4 2\n"

            Expect.equal (axes defaults content) [| 3.0; 2.0; 1.0 |] "axes"

        testCase "semiaxes and radius are semi-axes"
        <| fun () ->
            Expect.equal (axes defaults (one (turned + ":semiaxes:R:3") "1 0 0 0 3 2 1")) [| 3.0; 2.0; 1.0 |] "semiaxes"
            Expect.equal (axes defaults (one ":radius:R:1" "1.5")) [| 1.5; 1.5; 1.5 |] "radius"
            Expect.equal (axes defaults (one ":diameter:R:1" "3")) [| 1.5; 1.5; 1.5 |] "diameter"

        testCase "ShapeAs says what the columns hold against their names"
        <| fun () ->
            let asSemiAxes = { defaults with ShapeAs = Some ShapeMeasure.SemiAxis }
            let asDiameters = { defaults with ShapeAs = Some ShapeMeasure.Diameter }
            Expect.equal (axes asSemiAxes (one (turned + ":c_diameter:R:3") "1 0 0 0 3 2 1")) [| 3.0; 2.0; 1.0 |] "axes"

            Expect.equal
                (axes asDiameters (one (turned + ":semiaxes:R:3") "1 0 0 0 6 4 2"))
                [| 3.0; 2.0; 1.0 |]
                "diameters"

        testCase "semi-axes given replace the file's, by species first, with one warning"
        <| fun () ->
            let content =
                "2\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3\nC 0 0 0 1 0 0 0 6 4 2\nO 0 0 9 1 0 0 0 6 4 2\n"

            let all = { defaults with SemiAxes = Some(Vector3.create 5.0 6.0 7.0) }
            let bySpecies = { defaults with SemiAxesBySpecies = Map [ 8, Vector3.create 1.0 2.0 9.0 ] }
            let both = { bySpecies with SemiAxes = all.SemiAxes }

            let read options =
                (framesOfText options (content + content)).Head.Particles
                |> Seq.map (fun p -> coordinates p.SemiAxes)
                |> Seq.toList

            Expect.equal (read all) [ [| 5.0; 6.0; 7.0 |]; [| 5.0; 6.0; 7.0 |] ] "for all"
            Expect.equal (read bySpecies) [ [| 3.0; 2.0; 1.0 |]; [| 1.0; 2.0; 9.0 |] ] "by species"
            Expect.equal (read both) [ [| 5.0; 6.0; 7.0 |]; [| 1.0; 2.0; 9.0 |] ] "both"

            for options in [ all; bySpecies; both ] do
                Expect.equal (warningsOf options (content + content)).Length 1 "warnings"

            Expect.isEmpty (warningsOf defaults content) "no warning"

            Expect.isFalse
                (warningsOf { defaults with SemiAxesBySpecies = Map [ 1, Vector3.create 1.0 1.0 1.0 ] } content
                 |> Seq.exists _.Contains("replace"))
                "nothing replaced"

        testCase
            "a particle without a shape is a sphere of the point's size, by species first, or an error that names it"
        <| fun () ->
            let content = "2\nProperties=species:S:1:pos:R:3\nC 0 0 0\nO 0 0 9\n"
            let options = { defaults with PointSemiAxis = Some 0.5; PointSemiAxisBySpecies = Map [ 8, 0.25 ] }

            Expect.equal
                ((framesOfText options content).Head.Particles
                 |> Seq.map (fun p -> coordinates p.SemiAxes)
                 |> Seq.toList)
                [ [| 0.5; 0.5; 0.5 |]; [| 0.25; 0.25; 0.25 |] ]
                "radii"

            let place = placeOf (errorOfText { options with PointSemiAxis = None } content)
            Expect.equal (place.Frame, place.Particle, place.Line) (Some 0, Some 0, Some 3L) "place"

        testCase "LAMMPS's rows of zeros are points: with a point's size, else an error"
        <| fun () ->
            let content = one (turned + ":c_diameter:R:3") "0 0 0 0 0 0 0"
            let particle = only spheres content
            Expect.equal (coordinates particle.SemiAxes) [| 0.5; 0.5; 0.5 |] "radii"
            Expect.equal particle.Orientation Quaternion.identity "orientation"

            match errorOfText defaults content with
            | Missing(_, _, place) -> Expect.equal place.Particle (Some 0) "particle"
            | other -> failtestf "%A" other

        testCase "a zero or negative axis is an error that names the particle and its line"
        <| fun () ->
            for row in [ "1 0 0 0 2 0 2"; "1 0 0 0 2 -1 2"; "1 0 0 0 2 nan 2"; "1 0 0 0 2 inf 2" ] do
                match errorOfText spheres (one (turned + ":c_diameter:R:3") row) with
                | InvalidValue("semi-axes", _, _, place) ->
                    Expect.equal (place.Frame, place.Particle, place.Line) (Some 0, Some 0, Some 3L) row
                | other -> failtestf "%s: %A" row other
    ]

let private orientations =
    testList "orientations" [
        testCase "columns of quaternions are w, x, y, z or x, y, z, w by their names"
        <| fun () ->
            for columns, row in
                [
                    ":c_q:R:4", "1 0 0 1"
                    ":quaternions:R:4", "1 0 0 1"
                    ":quaternion:R:4", "1 0 0 1"
                    ":c_q:I:4", "1 0 0 1"
                    ":c_q[1]:R:1:c_q[2]:R:1:c_q[3]:R:1:c_q[4]:R:1", "2 0 0 2"
                    ":quati:R:1:quatj:R:1:quatk:R:1:quatw:R:1", "0 0 3 3"
                    ":orientation:R:4", "0 0 1 1"
                    ":c_orient[1]:R:1:c_orient[2]:R:1:c_orient[3]:R:1:c_orient[4]:R:1", "0 0 1 1"
                ] do
                let particle = only defaults (one (columns + ":semiaxes:R:3") $"{row} 3 2 1")
                expectClose particle.Orientation quarterTurn columns

        testCase "the order given beats the name's"
        <| fun () ->
            let xyzw = { defaults with OrientationOrder = Some QuaternionOrder.XYZW }
            let wxyz = { defaults with OrientationOrder = Some QuaternionOrder.WXYZ }
            expectClose (only xyzw (one ":c_q:R:4:semiaxes:R:3" "0 0 1 1 3 2 1")).Orientation quarterTurn "c_q"

            expectClose
                (only wxyz (one ":orientation:R:4:semiaxes:R:3" "1 0 0 1 3 2 1")).Orientation
                quarterTurn
                "orientation"

        testCase "the rotation key names the column, known or not, and must be there"
        <| fun () ->
            let content = one ":c_q:R:4:mine:R:4:semiaxes:R:3" "1 0 0 0 1 0 0 1 3 2 1"
            let options = { defaults with RotationKey = Some "mine" }
            expectClose (only options content).Orientation quarterTurn "mine"

            match errorOfText { defaults with RotationKey = Some "other" } content with
            | Missing(what, _, place) ->
                Expect.stringContains what "other" "names the column"
                Expect.equal place.Line (Some 2L) "line"
            | error -> failtestf "%A" error

        testCase "a rotation matrix is nine columns, row by row, body to lab"
        <| fun () ->
            let options = { defaults with RotationType = RotationType.Matrix }
            let content = one ":c_q:R:9:semiaxes:R:3" "0 -1 0 1 0 0 0 0 1 3 2 1"
            expectClose (only options content).Orientation quarterTurn "quarter turn about z"

            match errorOfText options (one ":c_q:R:9:semiaxes:R:3" "0 -1 0 1 0 0 0 0 -1 3 2 1") with
            | InvalidValue("rotation matrix", _, _, place) -> Expect.equal place.Particle (Some 0) "particle"
            | error -> failtestf "a reflection: %A" error

            Expect.stringContains
                (AniSoapError.describe (errorOfText defaults content))
                "matrix"
                "9 columns as a quaternion"

        testCase "a particle without an orientation must be a sphere"
        <| fun () ->
            Expect.equal (only defaults (one ":semiaxes:R:3" "2 2 2")).Orientation Quaternion.identity "sphere"

            match errorOfText defaults (one ":semiaxes:R:3" "2 2 1") with
            | Missing(_, _, place) -> Expect.equal (place.Particle, place.Line) (Some 0, Some 3L) "place"
            | error -> failtestf "%A" error

        testCase "a zero quaternion is accepted for spheres alone"
        <| fun () ->
            let content row = one ":c_q:R:4:semiaxes:R:3" $"0 0 0 0 {row}"
            Expect.equal (only defaults (content "2 2 2")).Orientation Quaternion.identity "sphere"

            match errorOfText defaults (content "2 2 1") with
            | InvalidValue("quaternion", _, _, place) -> Expect.equal place.Particle (Some 0) "particle"
            | error -> failtestf "%A" error

        testCase "a column of an orientation's name but of another width stands aside for one that fits"
        <| fun () ->
            let content =
                one ":orientation:R:3:quatw:R:1:quati:R:1:quatj:R:1:quatk:R:1:semiaxes:R:3" "0 0 1 1 0 0 1 3 2 1"

            expectClose (only defaults content).Orientation quarterTurn "quatw"

            match errorOfText defaults (one ":c_q:R:3:semiaxes:R:3" "1 0 0 3 2 1") with
            | InvalidValue(name, "3", _, _) -> Expect.stringContains name "c_q" "column"
            | error -> failtestf "%A" error

        testCase "two columns of orientations give a warning that says which is used"
        <| fun () ->
            let content = one ":orientation:R:4:c_q:R:4:radius:R:1" "0 0 1 1 1 0 0 0 2"
            let warnings = warningsOf defaults content
            Expect.equal warnings.Length 1 "warnings"
            Expect.stringContains warnings.Head "c_q" "used"
    ]

let private species =
    testList "species" [
        testCase "symbols, X, numbers and mapped names have their numbers; the map beats symbols"
        <| fun () ->
            let content =
                "6\nProperties=species:S:1:pos:R:3\nH 0 0 0\nX 1 0 0\nOg 2 0 0\n12 3 0 0\nmesogen 4 0 0\nC 5 0 0\n"

            let options = { spheres with TypeMap = Map [ "mesogen", 77; "C", 600 ] }

            Expect.equal
                ((framesOfText options content).Head.Particles |> Seq.map _.Species |> Seq.toList)
                [ 1; 0; 118; 12; 77; 600 ]
                "numbers"

        testCase "an unknown name is an error that says where and how to map it"
        <| fun () ->
            for name in [ "mesogen"; "c"; "CL"; "1.5" ] do
                let error = errorOfText spheres $"2\nProperties=species:S:1:pos:R:3\nH 0 0 0\n{name} 1 0 0\n"

                match error with
                | InvalidValue("species", value, accepted, place) ->
                    Expect.equal value name "value"
                    Expect.stringContains accepted "--type-map" "remedy"
                    Expect.equal (place.Line, place.Frame, place.Particle) (Some 4L, Some 0, Some 1) "place"
                | other -> failtestf "%A" other

        testCase "columns Z and type hold species, the column species before them"
        <| fun () ->
            let read content = (only spheres content).Species
            Expect.equal (read "1\nProperties=Z:I:1:pos:R:3\n8 0 0 0\n") 8 "Z"
            Expect.equal (read "1\nProperties=pos:R:3:type:I:1\n0 0 0 3\n") 3 "type"
            Expect.equal (read "1\nProperties=type:I:1:species:S:1:pos:R:3\n3 O 0 0 0\n") 8 "species and type"

        testCase "a file without species is of species 0, with a warning"
        <| fun () ->
            let content = "1\nProperties=pos:R:3\n0 0 0\n"
            Expect.equal (only spheres content).Species 0 "species"
            Expect.equal (warningsOf spheres content).Length 1 "warning"

        testCase "all 118 symbols have their numbers"
        <| fun () ->
            for symbol, number in [ "H", 1; "Fe", 26; "La", 57; "Lu", 71; "Hf", 72; "U", 92; "Lr", 103; "Og", 118 ] do
                Expect.equal (ChemicalSymbols.tryNumber symbol) (Some number) symbol

            let symbols = [ for number in 0..118 -> ChemicalSymbols.trySymbol number |> Option.get ]
            Expect.equal (symbols |> List.map (ChemicalSymbols.tryNumber >> Option.get)) [ 0..118 ] "both ways"
            Expect.isNone (ChemicalSymbols.trySymbol 119) "119"
            Expect.isNone (ChemicalSymbols.trySymbol -1) "-1"
    ]

[<Tests>]
let tests = testList "interpretation of columns" [ shapes; orientations; species ]
