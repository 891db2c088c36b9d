/// Bodies found in frames of many, and in dimers for use in such frames.
module AniSoap.Tests.Learning.SiteFrameTests

open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.SiteSupport

let private cutoff = { Radius = 3.5; SmoothingWidth = 0.5 }

let private told = { options with Bodies = { options.Bodies with Cutoff = Some cutoff } }

/// Two frames of hexagons to learn from, and others.
let private crowded = lazy (crowds cutoff same hexagon 3.0 5 12 5)

let private isRight name (potential: Potential) =
    Expect.equal potential.Sites.Value.Bodies[0].Sites.Length 6 $"{name}: sites"
    let errors = errors potential crowded.Value[2..]
    Close.below errors.Forces.PercentOfRms 0.05 $"{name}: forces"
    Close.below errors.Torques.PercentOfRms 0.05 $"{name}: torques"

[<Tests>]
let tests =
    testList "sites: frames" [
        testCase "of 32 hexagons that repeat are enough to find them"
        <| fun () ->
            // To find the number too takes some seconds more.
            let six = { told with Bodies = { told.Bodies with Sites = SiteChoice.Count 6 } }
            train six crowded.Value[..1] |> isRight "two frames"

        testCase "of many are right by sites that were found in dimers of the same law"
        <| fun () ->
            dimersWithin (Some cutoff) same hexagon hexagon 8 400
            |> train told
            |> isRight "400 dimers"

        testCase "of sites with a symmetry have rings that are found as one, turns and all"
        <| fun () ->
            // Two rings of three, turned against each other, of two types.
            let ring radius angle height = [|
                for k in 0..2 ->
                    let turn = angle + 2.0 * System.Math.PI * float k / 3.0
                    Vector3.create (radius * cos turn) (radius * sin turn) height
            |]

            let made = {
                body 0 (Vector3.create 1.3 1.3 0.6) (Array.append (ring 0.8 0.3 0.1) (ring 0.5 1.1 -0.1)) with
                    Types = [| 0; 0; 0; 1; 1; 1 |]
            }

            let law: Law =
                fun t u ->
                    if t = 0 && u = 0 then struct (1.0, 1.0)
                    elif t = u then struct (0.4, 1.3)
                    else struct (0.8, 1.1)

            let choice sites = { options with Bodies = { options.Bodies with Sites = sites; Symmetry = 3 } }

            let potential = train (choice (SiteChoice.Count 6)) (dimers law made made 71 300)
            let found = potential.Sites.Value.Bodies[0].Sites
            Expect.equal (found |> Seq.countBy _.Type |> Seq.toList) [ "a", 3; "b", 3 ] "two rings"

            let radii =
                [| for site in found -> sqrt (site.Position.X ** 2.0 + site.Position.Y ** 2.0) |]
                |> Array.sort

            Close.within 1e-3 1.0 radii [| 0.5; 0.5; 0.5; 0.8; 0.8; 0.8 |] "radii"
            let errors = errors potential (dimers law made made 72 100)
            Close.below errors.Forces.PercentOfRms 0.1 "forces"

            let refused options part =
                Expect.stringContains
                    (PotentialTraining.train options (dimers law made made 71 20 |> Seq.map Ok)
                     |> Tensors.sentence)
                    part
                    part

            refused (choice (SiteChoice.Count 5)) "a multiple of the symmetry, 3"
            refused { options with Bodies = { options.Bodies with Symmetry = 0 } } "1 to 24 turns"
    ]
