/// Which columns the shapes and orientations are taken from, and what is said of those that are not.
module AniSoap.Tests.ColumnChoiceTests

open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

let private defaults = InputOptions.defaults

/// The frames of a text and the warnings that came with them.
let private readWith options name content =
    withText name content (fun path ->
        let warnings = ResizeArray<string>()
        let frames = FrameFile.readWith { options with Warn = warnings.Add } path |> Seq.toList
        frames, List.ofSeq warnings)

let private particlesOf options name content =
    match readWith options name content with
    | [ Ok frame ], warnings -> List.ofSeq frame.Particles, warnings
    | other -> failtestf "%A" other

let private errorIn options name content =
    match readWith options name content with
    | [ Error error ], _ -> AniSoapError.describe error
    | other -> failtestf "%A" other

/// One frame of extended XYZ with species, positions and these columns.
let private xyz columns (rows: string list) =
    let body = rows |> List.mapi (fun i row -> $"C {3 * i} 0 0 {row}\n") |> String.concat ""
    $"{rows.Length}\nProperties=species:S:1:pos:R:3:{columns}\n{body}"

let private dump columns (rows: string list) =
    let body =
        rows
        |> List.mapi (fun i row -> $"{i + 1} 1 {3 * i} 0 0 {row}\n")
        |> String.concat ""

    $"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{rows.Length}\nITEM: BOX BOUNDS ff ff ff\n-9 9\n-9 9\n-9 9\nITEM: ATOMS id type x y z {columns}\n{body}"

let private axesOf (particle: Ellipsoid) = coordinates particle.SemiAxes

let private quaternionOf (particle: Ellipsoid) =
    let q = particle.Orientation
    [ q.W; q.X; q.Y; q.Z ]

let private turned = [ 0.6; 0.0; 0.0; 0.8 ]

let private shapes =
    testList "of shapes" [
        testCase "three numbers beat one, whichever stands first"
        <| fun () ->
            for one in [ "radius"; "diameter" ] do
                for three, factor in [ "shapex shapey shapez", 0.5; "c_shape[1] c_shape[2] c_shape[3]", 0.5 ] do
                    for columns, row in [ $"{one} {three}", "0.5 3 1 2"; $"{three} {one}", "3 1 2 0.5" ] do
                        let particles, warnings =
                            particlesOf
                                defaults
                                "a.dump"
                                (dump $"{columns} c_q[1] c_q[2] c_q[3] c_q[4]" [ $"{row} 1 0 0 0" ])

                        Expect.equal (axesOf particles[0]) [| 3.0 * factor; factor; 2.0 * factor |] columns
                        Expect.isEmpty warnings columns

            for one in [ "radius"; "diameter" ] do
                for three, factor in [ "shape", 0.5; "semiaxes", 1.0; "aspherical_shape", 1.0; "c_diameter", 0.5 ] do
                    let particles, _ =
                        particlesOf defaults "a.xyz" (xyz $"{one}:R:1:c_q:R:4:{three}:R:3" [ "0.5 1 0 0 0 3 1 2" ])

                    Expect.equal (axesOf particles[0]) [| 3.0 * factor; factor; 2.0 * factor |] $"{one} {three}"

        testCase "a particle whose three numbers are zero is the sphere that the one number says, whatever points are"
        <| fun () ->
            let text =
                xyz "orientation:R:4:aspherical_shape:R:3:radius:R:1" [
                    "0 0 0.6 0.8 1.5 0.5 0.5 0.5"
                    "0 0 0 1 0 0 0 0.7"
                    "0 0 0 0 0 0 0 0.9"
                ]

            for options in [ defaults; spheres; { defaults with ShapeAs = Some ShapeMeasure.SemiAxis } ] do
                let particles, _ = particlesOf options "a.xyz" text

                Expect.equal
                    (List.map axesOf particles)
                    [ [| 1.5; 0.5; 0.5 |]; [| 0.7; 0.7; 0.7 |]; [| 0.9; 0.9; 0.9 |] ]
                    "axes"

            let diameters = xyz "c_q:R:4:c_diameter:R:3:diameter:R:1" [ "1 0 0 0 0 0 0 0.7"; "1 0 0 0 0 0 0 0" ]
            let particles, _ = particlesOf spheres "a.xyz" diameters
            Expect.equal (List.map axesOf particles) [ [| 0.35; 0.35; 0.35 |]; [| 0.5; 0.5; 0.5 |] ] "and then a point"
            Expect.stringContains (errorIn defaults "a.xyz" diameters) "the shape is missing" "without points"

        testCase "the shape key names one column, a family, or three columns"
        <| fun () ->
            let q = "c_q:R:4"

            let cases = [
                "axes", xyz $"axes:R:3:{q}" [ "3 1 2 1 0 0 0" ]
                "s", xyz $"sx:R:1:sy:R:1:sz:R:1:{q}" [ "3 1 2 1 0 0 0" ]
                "s", xyz $"s[1]:R:1:s[2]:R:1:s[3]:R:1:{q}" [ "3 1 2 1 0 0 0" ]
                "a,b,c", xyz $"c:R:1:a:R:1:b:R:1:{q}" [ "2 3 1 1 0 0 0" ]
                "c_diameter", xyz $"diameter:R:3:c_diameter:R:3:{q}" [ "9 9 9 3 1 2 1 0 0 0" ]
            ]

            for key, text in cases do
                let options = { defaults with ShapeKey = Some key; ShapeAs = Some ShapeMeasure.SemiAxis }
                let particles, warnings = particlesOf options "a.xyz" text
                Expect.equal (axesOf particles[0]) [| 3.0; 1.0; 2.0 |] key
                Expect.isEmpty warnings key

            let computed = dump "c_s[1] c_s[2] c_s[3] c_q[1] c_q[2] c_q[3] c_q[4]" [ "3 1 2 1 0 0 0" ]
            let particles, warnings = particlesOf { defaults with ShapeKey = Some "c_s" } "a.dump" computed
            Expect.equal (axesOf particles[0]) [| 1.5; 0.5; 1.0 |] "diameters unless said otherwise"
            Expect.stringContains (List.exactlyOne warnings) "--shape-as semiaxis" "and that is said"

        testCase "a shape key that fits nothing is an error that lists what is there"
        <| fun () ->
            let text = xyz "axes:R:3:c_q:R:4" [ "3 1 2 1 0 0 0" ]

            for key, expected in
                [
                    "shapes", "the columns are species, pos, axes, c_q"
                    "a,b,c", "the shape column a is missing"
                    "a,b", "here are 2"
                    "c_q", "numbers a particle of c_q = 4"
                ] do
                Expect.stringContains (errorIn { defaults with ShapeKey = Some key } "a.xyz" text) expected key

            Expect.stringContains
                (errorIn defaults "a.xyz" text)
                "the columns are species, pos, axes, c_q (--shape-key"
                "and so is a missing shape"

        testCase "spheres made of particles whose file has columns that could be shapes come with a warning"
        <| fun () ->
            let q = "c_q[1] c_q[2] c_q[3] c_q[4]"

            let cases = [
                "a.dump", dump $"{q} c_s[1] c_s[2] c_s[3]" [ "1 0 0 0 3 1 1" ], Some "c_s[1..3]"
                "a.dump", dump $"{q} sx sy sz" [ "1 0 0 0 3 1 1" ], Some "sx, sy, sz"
                "a.xyz", xyz "c_q:R:4:axes:R:3" [ "1 0 0 0 3 1 1" ], Some "axes"
                "a.xyz", xyz "c_q:R:4:axes:I:3" [ "1 0 0 0 3 1 1" ], Some "axes"
                "a.xyz", xyz "c_q:R:4:forces:R:3:velocities:R:3:momenta:R:3" [ "1 0 0 0 1 2 3 1 2 3 1 2 3" ], None
                "a.dump", dump $"{q} vx vy vz fx fy fz ix iy iz mux muy muz" [ "1 0 0 0 1 2 3 1 2 3 1 2 3 1 2 3" ], None
                "a.xyz", xyz "c_q:R:4:label:S:3:mass:R:1" [ "1 0 0 0 a b c 1" ], None
            ]

            for name, text, expected in cases do
                let _, warnings = particlesOf spheres name text

                match expected with
                | Some columns -> Expect.stringContains (List.exactlyOne warnings) columns text
                | None -> Expect.isEmpty warnings text

            let whole = xyz "c_q:R:4:c_diameter:R:3:axes:R:3" [ "1 0 0 0 3 1 1 3 1 1" ]
            Expect.isEmpty (snd (particlesOf spheres "a.xyz" whole)) "not where every particle has a shape"
    ]

let private orientations =
    testList "of orientations" [
        testCase "quaternions are found under the names that programs give their components"
        <| fun () ->
            for columns, row in
                [
                    "quatx quaty quatz quatw", "0 0 0.8 0.6"
                    "quatw quati quatj quatk", "0.6 0 0 0.8"
                    "quati quatj quatk quatw", "0 0 0.8 0.6"
                    "qw qx qy qz", "0.6 0 0 0.8"
                    "qx qy qz qw", "0 0 0.8 0.6"
                    "c_quat[1] c_quat[2] c_quat[3] c_quat[4]", "0.6 0 0 0.8"
                    "quat[1] quat[2] quat[3] quat[4]", "0.6 0 0 0.8"
                ] do
                let particles, warnings =
                    particlesOf defaults "a.dump" (dump $"{columns} shapex shapey shapez" [ $"{row} 3 1 1" ])

                Expect.equal (quaternionOf particles[0]) turned columns
                Expect.isEmpty warnings columns

        testCase "the orientation key names one column, a family, or four columns in an order that their letters tell"
        <| fun () ->
            let cases = [
                "o", xyz "o:R:4:c_diameter:R:3" [ "0.6 0 0 0.8 3 1 1" ]
                "rot", xyz "rotx:R:1:roty:R:1:rotz:R:1:rotw:R:1:c_diameter:R:3" [ "0 0 0.8 0.6 3 1 1" ]
                "bi,bj,bk,bw", xyz "bi:R:1:bj:R:1:bk:R:1:bw:R:1:c_diameter:R:3" [ "0 0 0.8 0.6 3 1 1" ]
                "a,b,c,d", xyz "d:R:1:a:R:1:b:R:1:c:R:1:c_diameter:R:3" [ "0.8 0.6 0 0 3 1 1" ]
            ]

            for key, text in cases do
                let particles, _ = particlesOf { defaults with RotationKey = Some key } "a.xyz" text
                Expect.equal (quaternionOf particles[0]) turned key

            let last = {
                defaults with
                    RotationKey = Some "a,b,c,d"
                    OrientationOrder = Some QuaternionOrder.XYZW
            }

            let text = xyz "a:R:1:b:R:1:c:R:1:d:R:1:c_diameter:R:3" [ "0 0 0.8 0.6 3 1 1" ]
            Expect.equal (quaternionOf (fst (particlesOf last "a.xyz" text)).Head) turned "scalar last"

        testCase
            "an orientation that is missing lists the columns, and names the option for matrices where one is there"
        <| fun () ->
            let unknown = xyz "o:R:4:c_diameter:R:3" [ "0.6 0 0 0.8 3 1 1" ]
            let error = errorIn defaults "a.xyz" unknown
            Expect.stringContains error "the columns are species, pos, o, c_diameter" "columns"
            Expect.stringContains error "--orientation-key" "option"

            let matrix = xyz "rotation:R:9:c_diameter:R:3" [ "0 -1 0 1 0 0 0 0 1 3 1 1" ]
            Expect.stringContains (errorIn defaults "a.xyz" matrix) "--rotation-type matrix" "matrix"
            let asMatrix = { defaults with RotationType = RotationType.Matrix }
            Expect.isNonEmpty (fst (particlesOf asMatrix "a.xyz" matrix)) "which reads it"

            Expect.stringContains
                (errorIn asMatrix "a.xyz" (xyz "c_q:R:4:c_diameter:R:3" [ "1 0 0 0 3 1 1" ]))
                "--rotation-type quaternion"
                "and the other way round"

        testCase "two columns of orientations are a warning that names both"
        <| fun () ->
            let text = xyz "c_q:R:4:orientation:R:4:c_diameter:R:3" [ "0.6 0 0 0.8 1 0 0 0 3 1 1" ]
            let particles, warnings = particlesOf defaults "a.xyz" text
            Expect.equal (quaternionOf particles[0]) turned "the first"

            Expect.equal warnings [ "the orientation is taken from the column c_q; not used: orientation" ] "warning"

        testCase "keys of columns are refused where a format has no columns"
        <| fun () ->
            let data =
                "t\n\n1 atoms\n1 atom types\n\n0 9 xlo xhi\n0 9 ylo yhi\n0 9 zlo zhi\n\nAtoms # atomic\n\n1 1 1 2 3\n"

            Expect.stringContains
                (errorIn { spheres with ShapeKey = Some "axes" } "a.data" data)
                "section Ellipsoids"
                "data"
    ]

let private species =
    testList "of species" [
        testCase "a column Z or numbers that contradicts the species is a warning, in either order"
        <| fun () ->
            for name in [ "Z"; "numbers" ] do
                for properties, row in
                    [ $"species:S:1:pos:R:3:{name}:I:1", "C 0 0 0 8"; $"{name}:I:1:species:S:1:pos:R:3", "8 C 0 0 0" ] do
                    let particles, warnings = particlesOf spheres "a.xyz" $"1\nProperties={properties}\n{row}\n"
                    Expect.equal particles[0].Species 6 properties
                    Expect.stringContains (List.exactlyOne warnings) $"the column {name} contradicts" properties

            let agreeing = "1\nProperties=species:S:1:pos:R:3:Z:I:1\nC 0 0 0 6\n"
            Expect.isEmpty (snd (particlesOf spheres "a.xyz" agreeing)) "none where both agree"

        testCase "particles that are all called X beside a column of types are a warning, for snapshots too"
        <| fun () ->
            let text = "2\nProperties=species:S:1:pos:R:3:type:I:1\nX 0 0 0 1\nX 3 0 0 2\n"
            let _, warnings = particlesOf spheres "a.xyz" text
            Expect.stringContains (List.exactlyOne warnings) "the column type" "warning"

            withText "a.xyz" text (fun path ->
                let warnings = ResizeArray<string>()

                for snapshot in FrameFile.snapshotsWith { spheres with Warn = warnings.Add } path do
                    let snapshot = Expect.wantOk snapshot "snapshot"
                    Expect.equal (snapshot.Columns |> List.map _.Name) [ "type" ] "the column travels"

                Expect.equal warnings.Count 1 "once")

            let named = "2\nProperties=species:S:1:pos:R:3:type:I:1\nC 0 0 0 1\nX 3 0 0 2\n"
            Expect.isEmpty (snd (particlesOf spheres "a.xyz" named)) "none where the names tell something"
    ]

[<Tests>]
let tests = testList "choice of columns" [ shapes; orientations; species ]
