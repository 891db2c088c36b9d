/// Bodies of molecules that vibrate: benzene's two rings in its liquid's forces.
module AniSoap.Tests.Learning.SiteRankingTests

open System
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.SiteSupport

/// Four frames of 48 molecules, their axes those of one reference: carbon is at 1.407, hydrogen at 2.484 Å from the middle, both at 18.2° and every 60° more.
let private liquid =
    lazy
        (TestData.withFile "molecules/benzene.extxyz" (fun path ->
            FrameFile.snapshots path
            |> Seq.map (Result.bind (PotentialTargets.ofSnapshot PotentialTargets.keys) >> sure)
            |> Seq.toArray))

let private cutoff = { Radius = 7.0; SmoothingWidth = 0.7 }

/// Radii of both rings, the smaller first, and their turns from the atoms' in degrees.
let private rings (sites: float[]) =
    [|
        for first in [ 0; 6 ] do
            let x, y = sites[3 * first], sites[3 * first + 1]
            let turn = (Math.Atan2(y, x) * 180.0 / Math.PI - 18.2 + 390.0) % 60.0 - 30.0
            struct (sqrt (x * x + y * y), turn)
    |]
    |> Array.sortBy (fun (struct (radius, _)) -> radius)

/// What a search hands over that has told nothing: two rings of one type and of two.
let private untold turns : FoundBody =
    let trial types = {
        Species = 1
        Sites = 12
        Types = types
        Training = 1.0
        Validation = 50.0
        Successes = 1
        Starts = 4
    }

    {
        Species = 1
        Solution = { Cost = 1.0; Sites = [||]; Types = [||]; Weights = [||]; Iterations = 0 }
        Unit = 1.0
        Validation = 50.0
        Trials = [ trial 1; trial 2 ]
        Candidates = []
        Turns = turns
    }

[<Tests>]
let tests =
    testList "sites: ranking" [
        testCase "finds both rings of benzene in the forces of its liquid, where exponentials saw sites of one type"
        <| fun () ->
            let targets = liquid.Value[..2]
            let struct (_, weights) = weighed [| 0.1; 1.0; 1.0; 0.0 |] targets
            let frames = SiteFrames.ofTargets weights (cutoff.Radius + 5.3) targets |> sure
            let turns = SiteTurns.all 6 targets[0].Frame.Particles[0].SemiAxes

            let choice = { Sites = SiteChoice.Count 12; Cutoff = Some cutoff; Seed = 1; Symmetry = 6 }

            Expect.isTrue (SiteRanking.isNeeded frames (untold turns)) "exponentials cannot judge"
            let found = SiteRanking.choose choice 2 cutoff frames (untold turns)
            Expect.equal [ for trial in found.Trials -> trial.Sites, trial.Types ] [ 12, 1; 12, 2 ] "trials"
            Expect.equal found.Solution.Types[0] [| for k in 0..11 -> k / 6 |] "two types"

            match rings found.Solution.Sites with
            | [| struct (carbon, _); struct (hydrogen, turn) |] ->
                Close.below (abs (carbon - 1.41)) 0.1 $"radius of carbon, {carbon}"
                Close.below (abs (hydrogen - 2.48)) 0.2 $"radius of hydrogen, {hydrogen}"
                Close.below (abs turn) 3.0 $"turn of hydrogen, {turn}"
            | _ -> failtest "two rings"

        testCase "splines choose where exponentials leave much, the same for any number of threads"
        <| fun () ->
            let by threads =
                train
                    {
                        options with
                            Bodies = {
                                Sites = SiteChoice.Count 6
                                Cutoff = Some { Radius = 6.0; SmoothingWidth = 0.6 }
                                Seed = 3
                                Symmetry = 6
                            }
                            Threads = threads
                    }
                    liquid.Value[..0]

            let one, two = by 1, by 2
            Expect.equal one.Trials two.Trials "trials"
            Expect.equal one.Sites.Value.Bodies[0].Sites two.Sites.Value.Bodies[0].Sites "sites"
            Expect.equal one.Sites.Value.Functions two.Sites.Value.Functions "functions"
            // Every start, not only those of the search, and what splines left.
            let trial = one.Trials.Head
            Expect.isTrue (trial.Starts > 20 && trial.Validation < 0.5) $"{trial}"

        testCase "exponentials choose where they can judge"
        <| fun () ->
            let dimers = dimers same rod rod 31 40
            let struct (_, weights) = weighed [| 1.0; 1.0; 1.0; 0.0 |] dimers
            let frames = SiteFrames.ofTargets weights 12.0 dimers |> sure
            Expect.isFalse (SiteRanking.isNeeded frames (untold [||])) "pairs alone in space"
            let molecules = SiteFrames.ofTargets weights 8.0 liquid.Value[..0] |> sure
            Expect.isFalse (SiteRanking.isNeeded molecules { untold [||] with Validation = 0.1 }) "little is left"

        testCase "large forces count where known atoms err by vibration, not by noise"
        <| fun () ->
            let ring radius kind = [
                for k in 0..5 ->
                    let angle = (18.2 + 60.0 * float k) * Math.PI / 180.0

                    { Position = Vector3.create (radius * cos angle) (radius * sin angle) 0.0; Type = kind }
            ]

            let benzene = SiteBody.create 1 (ring 1.407 "C" @ ring 2.484 "H") |> sure

            let made =
                train
                    {
                        options with
                            Bodies = {
                                Sites = SiteChoice.Given [ benzene ]
                                Cutoff = Some cutoff
                                Seed = 0
                                Symmetry = 1
                            }
                    }
                    liquid.Value[..2]

            let left = SiteRefinement.residuals made.Sites.Value liquid.Value[3..] |> sure

            let forces = [|
                for struct (_, forces, _) in left do
                    yield! forces
            |]

            let size (x: seq<float>) = sqrt (Seq.sumBy (fun f -> f * f) x)
            let error = size forces / size liquid.Value[3].Forces
            // Weighted by the likeliest robustness, 1, they leave 0.40.
            Close.below error 0.385 $"held-out forces, {error}"
    ]
