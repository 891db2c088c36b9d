/// Bodies found in dimers.
module AniSoap.Tests.Learning.SiteTrainingTests

open System
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.SiteSupport

/// Sorted distances of all sites: the same for mirror images and turned bodies.
let private distances (places: Vector3 seq) =
    let places = Seq.toArray places

    [|
        for i in 0 .. places.Length - 1 do
            for j in i + 1 .. places.Length - 1 do
                Vector3.norm (places[i] - places[j])
    |]
    |> Array.sort

let private isFound name (potential: Potential) (made: MadeBody) within =
    Expect.isTrue potential.Contact.IsNone $"{name}: no contact channels"
    let sites = potential.Sites.Value.Bodies[0].Sites
    Expect.equal sites.Length made.Sites.Length $"{name}: number of sites"

    Close.within
        within
        1.0
        (distances (sites |> Seq.map _.Position))
        (distances made.Sites)
        $"{name}: distances of sites"

[<Tests>]
let tests =
    testList "sites: training" [
        testCase "finds a rod and a hexagon in dimers, with the places of their sites"
        <| fun () ->
            for name, made, count in [ "rod", rod, 120; "hexagon", hexagon, 160 ] do
                let potential = train options (dimers same made made 21 count)
                isFound name potential made 1e-3
                Expect.isTrue (potential.Trials.Length >= 5) "trials"
                let errors = errors potential (dimers same made made 22 300)
                Close.below errors.Energy.Rmse 0.005 $"{name}: energy"
                Close.below errors.Forces.PercentOfRms 0.3 $"{name}: forces"
                Close.below errors.Torques.PercentOfRms 0.3 $"{name}: torques"

        testCase "finds the bodies of two species, with what acts between them"
        <| fun () ->
            let other = { rod with Species = 1 }

            let set seed count =
                Array.concat [
                    dimers same hexagon hexagon seed count
                    dimers same hexagon other (seed + 1) count
                    dimers same other other (seed + 2) count
                ]

            let potential = train options (set 41 120)
            Expect.equal [ for body in potential.Sites.Value.Bodies -> body.Sites.Length ] [ 6; 5 ] "sites"
            let errors = errors potential (set 51 100)
            Close.below errors.Forces.PercentOfRms 0.5 "forces"
            Close.below errors.Torques.PercentOfRms 0.5 "torques"

        testCase "takes bodies that are known, with functions that fit"
        <| fun () ->
            let sites = rod.Sites |> Array.map (fun place -> { Position = place; Type = "C" })
            let body = SiteBody.create 0 sites |> sure
            let given = { options with Bodies = { options.Bodies with Sites = SiteChoice.Given [ body ] } }
            let potential = train given (dimers same rod rod 61 200)
            Expect.equal potential.Sites.Value.Bodies[0].Sites body.Sites "where they were"
            let errors = errors potential (dimers same rod rod 62 200)
            Close.below errors.Forces.PercentOfRms 0.3 "forces"
            let stranger = SiteBody.create 5 sites |> sure
            let given = { options with Bodies = { options.Bodies with Sites = SiteChoice.Given [ stranger ] } }

            Expect.stringContains
                (PotentialTraining.train given (dimers same rod rod 61 5 |> Seq.map Ok)
                 |> Tensors.sentence)
                "of species 5"
                "no particle of it"

        testCase "is the same for any number of threads"
        <| fun () ->
            let targets = dimers same rod rod 31 60
            let choice = { options with Bodies = { options.Bodies with Sites = SiteChoice.Count 3 } }
            let one, two = train choice targets, train { choice with Threads = 2 } targets
            Expect.equal one.Trials two.Trials "trials"
            Expect.equal one.Sites.Value.Functions two.Sites.Value.Functions "functions"
            Expect.equal one.Sites.Value.Bodies[0].Sites two.Sites.Value.Bodies[0].Sites "sites"

        testCase "refuses what cannot be found"
        <| fun () ->
            let refused options targets part =
                Expect.stringContains
                    (PotentialTraining.train options (targets |> Seq.map Ok) |> Tensors.sentence)
                    part
                    part

            let count sites = { options with Bodies = { options.Bodies with Sites = SiteChoice.Count sites } }
            refused (count 8) (dimers same rod rod 3 3) "as many as there are targets"
            let other = { hexagon with Species = 1 }
            refused options (dimers same rod other 3 8) "one species alone"
    ]
