module AniSoap.Tests.ExtendedXyzWriterTests

open Expecto
open FsCheck
open FsCheck.FSharp
open AniSoap

let private get result =
    match result with
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

/// Doubles of many sizes, with all their digits.
let private real =
    gen {
        let! significand = Gen.choose (-1000000000, 1000000000)
        let! more = Gen.choose (1, 1000000000)
        let! power = Gen.choose (-30, 20)
        return (float significand + float more / 1.1e9) * 10.0 ** float power
    }

let private positive = real |> Gen.map (fun value -> abs value + 1e-25)
let private vector = Gen.map3 Vector3.create real real real

let private quaternion =
    Gen.map4 Quaternion.create real real real real
    |> Gen.filter (fun q -> q <> Quaternion.create 0.0 0.0 0.0 0.0)

let private ellipsoid largest =
    gen {
        let! species = Gen.choose (0, largest)
        let! position = vector
        let! orientation = quaternion
        let! axes = Gen.map3 Vector3.create positive positive positive
        return get (Ellipsoid.create species position orientation axes)
    }

let private cell =
    gen {
        let! size = Gen.choose (1, 1000000)
        let length = float size / 7.0

        let! a, b, c =
            Gen.map3
                (fun a b c -> a, b, c)
                (Gen.elements [ true; false ])
                (Gen.elements [ true; false ])
                (Gen.elements [ true; false ])

        return
            Cell.create
                (Vector3.create length 0.0 0.0)
                (Vector3.create (length / 3.0) (length * 1.3) 0.0)
                (Vector3.create (-length / 9.0) (length / 11.0) (length / 1.7))
                { A = a; B = b; C = c }
            |> get
    }

let private frame =
    gen {
        let! count = Gen.choose (0, 6)
        // Beyond 118 no chemical symbol is left.
        let! largest = Gen.elements [ 118; 500 ]
        let! particles = Gen.listOfLength count (ellipsoid largest)
        let! cell = Gen.oneof [ Gen.constant Cell.none; cell ]
        return Frame.create cell particles
    }

let private config = { FsCheckConfig.defaultConfig with maxTest = 300; replay = Some(31UL, 7UL, None) }

let private isUnitClose (p: Quaternion) (q: Quaternion) =
    [ p.W - q.W; p.X - q.X; p.Y - q.Y; p.Z - q.Z ]
    |> List.forall (fun d -> abs d <= 4e-16)

let private expectSame (read: Frame) (written: Frame) =
    Expect.equal read.Particles.Length written.Particles.Length "particles"
    Expect.equal read.Cell written.Cell "cell"

    for a, b in Seq.zip read.Particles written.Particles do
        Expect.equal (a.Species, a.Position, a.SemiAxes) (b.Species, b.Position, b.SemiAxes) "particle"
        // Reading normalises once more: the last bit may move.
        Expect.isTrue (isUnitClose a.Orientation b.Orientation) $"{a.Orientation} is {b.Orientation}"

[<Tests>]
let tests =
    testList "extended XYZ writer" [
        for columns in [ ShapeColumns.Escaped; ShapeColumns.Strict ] do
            testPropertyWithConfig config $"what is written with {columns} names reads back as the same numbers"
            <| Prop.forAll (Arb.fromGen (Gen.listOfLength 2 frame)) (fun frames ->
                let text = frames |> List.map (RawExtendedXyz.render columns [] >> get) |> String.concat ""
                let read = FormatSupport.framesOfText InputOptions.defaults text
                Expect.equal read.Length frames.Length "frames"
                List.iter2 expectSame read frames)

        testCase "info is written so that it reads back, and the columns bear the names that AniSOAP knows"
        <| fun () ->
            let note = "say \"hi\" = there\\\nnext"
            let particle = get (Ellipsoid.sphere 6 (Vector3.create 0.1 0.0 -2.5) 0.75)

            let text =
                RawExtendedXyz.render ShapeColumns.Escaped [ "note", note ] (Frame.create Cell.none [ particle ])
                |> get

            FormatSupport.withText "out.xyz" text (fun path ->
                match RawExtendedXyz.readRaw path |> Seq.toList with
                | [ Ok frame ] ->
                    Expect.equal
                        (frame.Info |> List.map (fun (key, value) -> key, string value))
                        [ "note", string (InfoValue.Text note) ]
                        "info"

                    Expect.equal
                        (frame.Columns |> List.map (fun (column, _) -> column.Name))
                        [ "species"; "pos"; "c_q"; "c_diameter[1]"; "c_diameter[2]"; "c_diameter[3]" ]
                        "columns"
                | other -> failtestf "read %A" other)

            Expect.stringContains text @"c_diameter\[1\]:R:1" "escaped name"
            Expect.stringContains text "C 0.1 0 -2.5 1 0 0 0 1.5 1.5 1.5\n" "row"
    ]
