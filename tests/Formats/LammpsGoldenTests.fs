/// LAMMPS files that LAMMPS wrote: what they hold, and that one configuration has one power spectrum in all of them.
module AniSoap.Tests.LammpsGoldenTests

open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.Golden

let private frames2025 = [
    "general.data"
    "out-general.data"
    "out-restricted.data"
    "general.dump"
    "restricted.dump"
    "scaled.dump"
    "unwrapped.dump"
]

/// The sixth particle is a point in the data files and a sphere of diameter 1 in the dumps.
let private read path = TestData.withFile path (SnapshotTests.snapshotsOf FormatSupport.spheres)

let private spectrum (frame: Frame) =
    let hypers = { Hypers.create 4 (RadialBasis.Gto 1.5) 3.5 with MaxRadial = RadialCount.Uniform 3 }
    let projection = Projection.create hypers (Frame.species frame) |> sure

    PowerSpectrum.mean projection [ frame ]
    |> sure
    |> fun map -> [| for block in map.Blocks -> block.Row(0, 0).ToArray() |]
    |> Array.concat

let private expectSameSpectrum tolerance (a: Frame) (b: Frame) what =
    let expected = spectrum b
    let scale = expected |> Array.fold (fun largest x -> max largest (abs x)) 0.0
    Close.above scale 0.0 "a spectrum"
    Close.within tolerance scale (spectrum a) expected what

let private document = lazy (JsonDocument.Parse(TestData.text "lammps/2025/general.json").RootElement)

let private vectors (name: string) = [
    for row in document.Value.GetProperty(name).EnumerateArray() -> [| for x in row.EnumerateArray() -> x.GetDouble() |]
]

let private vector (v: float[]) = Vector3.create v[0] v[1] v[2]
let private coordinates (v: Vector3) = [| v.X; v.Y; v.Z |]

let private entries (m: Matrix3) = Array.concat [ coordinates m.Row1; coordinates m.Row2; coordinates m.Row3 ]

/// What went into LAMMPS, in the general frame: of the sixth particle's quaternion LAMMPS knew nothing.
let private expectGeneral (snapshot: Snapshot) =
    let frame = snapshot.Frame
    Close.within 1e-12 1.0 (entries frame.Cell.Vectors) (Array.concat (vectors "cell")) "cell"
    let origin = document.Value.GetProperty("origin").EnumerateArray() |> Seq.map _.GetDouble()
    Expect.sequenceEqual (coordinates (Quantities.tryOrigin snapshot).Value) origin "origin"
    let shapes = [ for row in document.Value.GetProperty("diameters").EnumerateArray() -> row ]

    for i in 0..5 do
        let p = frame.Particles[i]
        Close.within 1e-12 1.0 (coordinates p.Position) (vectors "positions").[i] $"position {i}"
        Expect.equal p.Species (document.Value.GetProperty("types").[i].GetInt32()) "type"

        if i < 5 then
            let q = (vectors "quaternions_wxyz_lab").[i]
            let expected = Quaternion.create q[0] q[1] q[2] q[3] |> Quaternion.tryNormalize |> sure
            let m = entries (Quaternion.toMatrix p.Orientation)
            Close.within 1e-11 1.0 m (entries (Quaternion.toMatrix expected)) $"orientation {i}"
            let diameters = [| for x in shapes[i].EnumerateArray() -> x.GetDouble() |]
            Close.within 1e-15 1.0 (coordinates (2.0 * p.SemiAxes)) diameters $"diameters {i}"
        else
            Expect.equal (coordinates p.SemiAxes) [| 0.5; 0.5; 0.5 |] "the point"

let private reals name width snapshot =
    match Quantities.tryReals name width snapshot with
    | Some all -> Seq.toArray all
    | None -> failtest $"no column {name}"

/// The extended XYZ of the same run has positions from the box's origin on, and 8 decimals.
let private expectSameState (dump: Snapshot) (text: Snapshot) =
    let origin = Quantities.tryOrigin dump |> Option.defaultValue Vector3.zero
    let cell = entries text.Frame.Cell.Vectors
    Close.within 1e-13 20.0 (entries dump.Frame.Cell.Vectors) cell "cell"
    Expect.equal dump.Step text.Step "step"
    Expect.equal dump.Frame.Particles.Length text.Frame.Particles.Length "particles"

    for a, b in Seq.zip dump.Frame.Particles text.Frame.Particles do
        Expect.equal (a.Species, a.SemiAxes) (b.Species, b.SemiAxes) "species and shape"
        // Eight digits in the one, eight decimals in the other.
        Close.within 1e-6 1.0 (coordinates (a.Position - origin)) (coordinates b.Position) "position"
        let q, r = a.Orientation, b.Orientation
        Close.within 2e-8 1.0 [| q.W; q.X; q.Y; q.Z |] [| r.W; r.X; r.Y; r.Z |] "orientation"

    for name, width in [ "forces", 3; "torques", 3; "c_pe", 1 ] do
        Close.within 1e-8 1.0 (reals name width dump) (reals name width text) name

[<Tests>]
let tests =
    testList "LAMMPS references" [
        for file in [ "general.data"; "out-general.data"; "general.dump" ] do
            testCase $"{file} holds what went into LAMMPS, in the general frame"
            <| fun () -> read $"lammps/2025/{file}" |> List.exactlyOne |> expectGeneral

        testCase "seven files of one configuration have one power spectrum"
        <| fun () ->
            let first = (read $"lammps/2025/{frames2025.Head}" |> List.exactlyOne).Frame

            for file in frames2025.Tail do
                let frame = (read $"lammps/2025/{file}" |> List.exactlyOne).Frame
                // Dumps have twelve digits.
                expectSameSpectrum 2e-11 frame first file

        testCase "units, time, images and velocities are there where the file has them"
        <| fun () ->
            let unwrapped = read "lammps/2025/unwrapped.dump" |> List.exactlyOne
            Expect.equal (Quantities.tryNumbers Quantities.Time 1 unwrapped) (Some [ 0.0 ]) "time"

            Expect.equal
                (Snapshot.tryInfo Quantities.Units unwrapped
                 |> Option.map SnapshotTests.shownInfo)
                (Some "text lj")
                "units"

            let restricted = read "lammps/2025/restricted.dump" |> List.exactlyOne
            Expect.equal (Quantities.tryIntegers Quantities.Images 3 restricted).Value.Length 18 "images"
            let data = read "lammps/2025/out-general.data" |> List.exactlyOne
            Expect.equal data.Step (Some 0L) "step"
            Expect.equal (reals Quantities.Velocities 3 data).Length 18 "velocities"
            Expect.equal (reals Quantities.AngularMomenta 3 data).Length 18 "angular momenta"
            let volume = System.Math.PI / 6.0 * 1.6 * 1.0 * 0.6
            Close.within 1e-15 1.0 [| (reals Quantities.Masses 1 data).[0] |] [| volume |] "mass of density 1"
            Expect.equal (reals Quantities.Masses 1 data).[5] 1.0 "mass of the point"

        for state in [ "isotropic"; "nematic"; "smectic"; "mixture" ] do
            testCase $"the dump and the extended XYZ of the {state} state are the same frames with the same spectrum"
            <| fun () ->
                let dump = read $"lammps/states/{state}.dump"
                let text = read $"lammps/states/{state}.extxyz"
                Expect.equal (dump.Length, text.Length) (2, 2) "frames"
                List.iter2 expectSameState dump text
                List.iter2 (fun (a: Snapshot) (b: Snapshot) -> expectSameSpectrum 1e-9 a.Frame b.Frame state) dump text
    ]
