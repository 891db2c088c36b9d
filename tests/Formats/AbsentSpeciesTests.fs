module AniSoap.Tests.AbsentSpeciesTests

open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

let private text =
    "1\nProperties=species:S:1:pos:R:3\nC 0 0 0\n1\nProperties=species:S:1:pos:R:3\nO 0 0 0\n"

let private warningsOf options selection =
    withText "a.xyz" text (fun path ->
        let warnings = ResizeArray<string>()

        FrameFile.readMany { options with Warn = warnings.Add; Selection = selection } [ path ]
        |> Seq.iter ignore

        List.ofSeq warnings)

let private given species = {
    spheres with
        SemiAxesBySpecies = Map.ofList [ for number in species -> number, Vector3.create 1.0 1.0 1.0 ]
}

[<Tests>]
let tests =
    testList "absent species" [
        testCase "a shape for a species that no frame has is a warning at the end"
        <| fun () ->
            Expect.stringContains
                (List.exactlyOne (warningsOf (given [ 6; 9 ]) FrameSelection.all))
                "species 9, of which no frame"
                "one"

            Expect.isEmpty (warningsOf (given [ 6; 8 ]) FrameSelection.all) "all there, in some frame"

        testCase "a diameter of points counts too, and only the frames that are read"
        <| fun () ->
            let points = { spheres with PointSemiAxisBySpecies = Map.ofList [ 8, 1.0; -9, 1.0 ] }

            Expect.stringContains
                (List.exactlyOne (warningsOf points FrameSelection.all))
                "species -9, of which no frame"
                "one"

            let first = FrameSelection.parse "0" |> Result.defaultWith (fun _ -> failtest "selection")
            Expect.stringContains (List.exactlyOne (warningsOf points first)) "species -9, 8, of" "both"
    ]
