/// GSD files with bytes that are others, anywhere: reading ends with frames or with an error, however it is read.
module AniSoap.Tests.GsdDamageTests

open System
open System.Collections.Generic
open System.IO
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators
open AniSoap.Tests.GsdBytes

let private points = { InputOptions.defaults with PointSemiAxis = Some 0.5 }

/// All frames by one of the ways of reading, up to the first error; the text of the error.
let private outcomes (bytes: byte[]) =
    let walk (next: IFrameReader -> int -> Result<bool, AniSoapError>) =
        match GsdReader.Open(points, silent, "input.gsd", new MemoryStream(bytes, false)) with
        | Error error -> Some(AniSoapError.describe error)
        | Ok opened ->
            use reader: IFrameReader = opened
            let mutable outcome = Ok true
            let mutable frame = 0

            while outcome = Ok true do
                outcome <- next reader frame
                frame <- frame + 1

            match outcome with
            | Error error -> Some(AniSoapError.describe error)
            | Ok _ -> None

    [
        walk (fun reader frame -> reader.Read frame |> Result.map _.IsSome)
        walk (fun reader frame -> reader.ReadSnapshot frame |> Result.map _.IsSome)
        walk (fun reader frame -> reader.ReadSpecies(frame, HashSet<int>()))
        walk (fun reader frame -> reader.Skip frame)
    ]

let private text name (value: string) =
    let bytes = Encoding.UTF8.GetBytes value
    chunk name 11 bytes.Length 1 bytes

let private rich =
    file 2 [
        twoParticles
        @ [
            singles "particles/velocity" 3 [ 1; 2; 3; 4; 5; 6 ]
            singles "particles/angmom" 4 [ 1; 2; 3; 4; 5; 6; 7; 8 ]
            chunk "particles/image" 7 2 3 (Array.zeroCreate 24)
            singles "state/hpmc/sphere/radius" 1 [ 0.5; 0.5 ]
            text "log/phase" "nematic é"
            texts "log/particles/label" [ "left"; "rechts" ]
            singles "log/particles/forces" 3 [ 1; 2; 3; 4; 5; 6 ]
            singles "log/energy" 1 [ -1 ]
            chunk "log/flag" 1 1 1 [| 1uy |]
        ]
        [
            step 4UL
            singles "particles/position" 3 [ 1; 1; 1; 2; 2; 2 ]
            texts "particles/type_shapes" [ "{\"type\": \"\\u0045llipsoid\", \"a\": 1, \"b\": 2, \"c\": 3}"; "{}" ]
        ]
    ]

let private shapes (bytes: byte[]) = [
    file 2 [ twoParticles |> replace (chunk "particles/type_shapes" 5 1 bytes.Length bytes) ]
]

[<Tests>]
let tests =
    testList "damaged GSD files" [
        propertyTimes 2000 "are read or refused, whatever bytes are others" (fun (seed: int) ->
            let random = Random seed
            let bytes = Array.copy rich

            // Half of the damage is where the data are.
            let start = if random.Next 2 = 0 then 0 else 5376

            for _ in 1 .. 1 + random.Next 4 do
                bytes[random.Next(start, bytes.Length)] <- byte (random.Next 256)

            for outcome in outcomes bytes do
                match outcome with
                | Some sentence -> Expect.stringContains sentence "input.gsd" "the file is named"
                | None -> ())

        test "shapes that are no text, or texts within them that are no Unicode, are refused by type" {
            let json (text: string) = Encoding.Latin1.GetBytes text

            for bytes in
                [
                    json "{\"type\": \"Ell\u00FFipsoid\", \"a\": 1, \"b\": 1, \"c\": 1}"
                    json "{\"type\": \"\\ud800\", \"a\": 1, \"b\": 1, \"c\": 1}"
                    json "{\"\u00C3\": 1}"
                    json "{\"\\udfff\": 1, \"type\": \"Sphere\"}"
                    json "{\"type\": \"Sphere\", \"diameter\": 1e999}"
                    json "{\"type\": \"Sphere\", \"diameter\": -1}"
                    json "{\"type\": \"Sphere\", \"diameter\": 1"
                    json "[1, 2]"
                    json "\u00FF\u00FE"
                ] do
                for damaged in shapes bytes do
                    match (outcomes damaged).Head with
                    | None -> failtest $"{Encoding.Latin1.GetString bytes} was read"
                    | Some sentence -> Expect.stringContains sentence "input.gsd, frame 0" "where"
        }

        test "names of types that are no text are names all the same" {
            let names = chunk "particles/types" 5 2 2 [| 0xFFuy; 0uy; 0xC3uy; 0uy |]
            Expect.equal (outcomes (file 2 [ twoParticles |> replace names ])) [ None; None; None; None ] "it is read"
        }
    ]
