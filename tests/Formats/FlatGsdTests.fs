/// Two-dimensional runs in GSD files.
module AniSoap.Tests.FlatGsdTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

let private layer dimensions thickness =
    GsdBytes.file 1 [
        [
            GsdBytes.octet "configuration/dimensions" dimensions
            GsdBytes.singles "configuration/box" 1 [ 12.0; 12.0; thickness; 0.0; 0.0; 0.0 ]
            GsdBytes.words "particles/N" [ 2u ]
            GsdBytes.singles "particles/position" 3 [ -2.0; 0.0; 0.0; 1.5; 0.0; 0.0 ]
            GsdBytes.singles "particles/orientation" 4 [ 1.0; 0.0; 0.0; 0.0; 0.8; 0.0; 0.0; 0.6 ]
            GsdBytes.texts "particles/types" [ "A" ]
            GsdBytes.texts "particles/type_shapes" [ GsdBytes.ellipsoid 1.5 0.5 0.5 ]
        ]
    ]

let private read options content =
    withBytes "a.gsd" content (fun path ->
        let warnings = ResizeArray<string>()

        match FrameFile.readWith { options with Warn = warnings.Add } path |> Seq.toList with
        | [ Ok frame ] -> frame, List.ofSeq warnings
        | other -> failtestf "%A" other)

let private cutoff = { InputOptions.defaults with CutoffRadius = Some 4.0 }
let private flat: Periodicity = { A = true; B = true; C = false }

[<Tests>]
let tests =
    testList "two-dimensional GSD files" [
        testCase "two dimensions repeat along two vectors, whatever the thickness, without a warning" (fun () ->
            for thickness in [ 0.0; 0.1; 1.0 ] do
                let frame, warnings = read cutoff (layer 2 thickness)
                Expect.equal frame.Cell.Periodicity flat $"thickness {thickness}"
                Expect.isEmpty warnings $"thickness {thickness}")

        testCase "a layer in three dimensions is warned of, and the option makes it flat" (fun () ->
            let frame, warnings = read cutoff (layer 3 1.0)
            Expect.isTrue frame.Cell.Periodicity.C "as the file says"
            Expect.equal warnings.Length 1 "one warning"
            Expect.stringContains warnings.Head "--pbc TTF" "remedy"

            let given, silence = read { cutoff with Periodicity = Some flat } (layer 3 1.0)
            Expect.equal given.Cell.Periodicity flat "as the option says"
            Expect.isEmpty silence "no warning")

        testCase "two dimensions stay two through a conversion from GSD to GSD" (fun () ->
            TestData.inFolder (fun folder ->
                let source, target = Path.Combine(folder, "a.gsd"), Path.Combine(folder, "b.gsd")
                File.WriteAllBytes(source, layer 2 1.0)

                FrameFile.writeSnapshots FrameOutputOptions.replacing target (FrameFile.snapshots source)
                |> Golden.sure
                |> ignore

                let frame, warnings = read cutoff (File.ReadAllBytes target)
                Expect.equal frame.Cell.Periodicity flat "periodicity"
                Expect.isEmpty warnings "no warning"))
    ]

/// Orientations in single precision, of length 1 but for some roundings.
let private quaternions (random: Random) count = [
    for _ in 1..count do
        let q = Array.init 4 (fun _ -> random.NextDouble() - 0.5)

        let norm =
            sqrt (Array.sumBy (fun x -> x * x) q)
            * (1.0 + 4e-7 * (random.NextDouble() - 0.5))

        yield! q |> Array.map (fun x -> float (float32 (x / norm)))
]

[<Tests>]
let bits =
    testList "orientations of GSD files" [
        testCase "numbers in single precision keep every bit from GSD to GSD, over extended XYZ too" (fun () ->
            let count = 500
            let all = quaternions (Random 7) count

            let content =
                GsdBytes.file 1 [
                    [
                        GsdBytes.singles "configuration/box" 1 [ 900.0; 900.0; 900.0; 0.0; 0.0; 0.0 ]
                        GsdBytes.words "particles/N" [ uint32 count ]
                        GsdBytes.singles "particles/position" 3 [
                            for i in 1..count do
                                yield! [ float i / 2.0; 0.0; 0.0 ]
                        ]
                        GsdBytes.singles "particles/orientation" 4 all
                        GsdBytes.texts "particles/types" [ "A" ]
                        GsdBytes.texts "particles/type_shapes" [ GsdBytes.ellipsoid 1.5 0.5 0.5 ]
                    ]
                ]

            let stored = [|
                for value in all do
                    yield! BitConverter.GetBytes(float32 value)
            |]

            TestData.inFolder (fun folder ->
                let path name = Path.Combine(folder, name)
                File.WriteAllBytes(path "a.gsd", content)

                for source, target in [ "a.gsd", "b.gsd"; "b.gsd", "c.gsd"; "c.gsd", "d.xyz"; "d.xyz", "e.gsd" ] do
                    FrameFile.writeSnapshots
                        FrameOutputOptions.replacing
                        (path target)
                        (FrameFile.snapshots (path source))
                    |> Golden.sure
                    |> ignore

                    if target.EndsWith ".gsd" then
                        let written = File.ReadAllBytes(path target)
                        Close.atLeast (written.AsSpan().IndexOf(ReadOnlySpan stored)) 0 target))
    ]
