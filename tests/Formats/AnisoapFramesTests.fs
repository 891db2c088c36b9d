/// The frames of the AniSOAP references, read from extended XYZ of 17 digits, against the same as JSON.
module AniSoap.Tests.AnisoapFramesTests

open System.Text.Json
open Expecto
open AniSoap

let private cases =
    TestData.filesBelow "anisoap"
    |> List.filter _.EndsWith("/frames17.extxyz")
    |> List.map (fun path -> path.Split('/')[1])

let private numbers (element: JsonElement) =
    element.EnumerateArray()
    |> Seq.map (fun row -> row.EnumerateArray() |> Seq.map _.GetDouble() |> Seq.toArray)
    |> Seq.toArray

let private compare (frame: Frame) (golden: JsonElement) =
    let rows (key: string) = numbers (golden.GetProperty key)
    let particles = frame.Particles |> Seq.toArray

    let species =
        golden.GetProperty("numbers").EnumerateArray()
        |> Seq.map _.GetInt32()
        |> Seq.toArray

    Expect.equal (particles |> Array.map _.Species) species "species"
    Expect.equal (particles |> Array.map (fun p -> FormatSupport.coordinates p.Position)) (rows "positions") "positions"

    let diameters = particles |> Array.map (fun p -> FormatSupport.coordinates (2.0 * p.SemiAxes))
    Expect.equal diameters (rows "diameters") "diameters"

    let unit (q: float[]) =
        match Quaternion.tryNormalize (Quaternion.create q[0] q[1] q[2] q[3]) with
        | Ok unit -> unit
        | Error error -> failtest (AniSoapError.describe error)

    Expect.equal (particles |> Array.map _.Orientation) (rows "quaternions" |> Array.map unit) "quaternions"

    let v = frame.Cell.Vectors
    Expect.equal (Array.map FormatSupport.coordinates [| v.Row1; v.Row2; v.Row3 |]) (rows "cell") "cell"

    let p = frame.Cell.Periodicity

    let pbc =
        golden.GetProperty("pbc").EnumerateArray()
        |> Seq.map _.GetBoolean()
        |> Seq.toArray

    Expect.equal [| p.A; p.B; p.C |] pbc "periodicity"

[<Tests>]
let tests =
    testList "frames of the AniSOAP references" [
        testCase "there are references" <| fun () -> Close.above cases.Length 10 "cases"

        for name in cases do
            testCase $"{name}: extended XYZ of 17 digits gives exactly the reference's numbers"
            <| fun () ->
                let path = $"anisoap/{name}/frames17.extxyz"
                let frames = TestData.withFile path (FormatSupport.framesOf InputOptions.defaults)
                use document = JsonDocument.Parse(TestData.text $"anisoap/{name}/frames.json")
                let golden = document.RootElement.EnumerateArray() |> Seq.toList
                Expect.equal frames.Length golden.Length "frames"
                List.iter2 compare frames golden
    ]
