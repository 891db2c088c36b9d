/// How many of single random starts find a body.
module AniSoap.Tests.Learning.SiteStartTests

open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.SiteSupport

/// Of so many starts, places uniform in the ellipsoid and nothing given up early, those that leave less than a millionth of the weighted squares.
let private successes (made: MadeBody) starts =
    let targets = dimers same made made 5 400
    let struct (survey, weights) = weighed [| 1.0; 1.0; 1.0; 0.0 |] targets
    let struct (fitCutoff, _, reach) = SiteTraining.cutoffs options.Bodies survey targets
    let frames = SiteFrames.ofTargets weights reach targets |> sure
    let problem = SiteTraining.problem survey.Thinnest fitCutoff (fun _ -> 0) frames
    let types = SiteTypes [| made.Types |]
    let limits = SiteStarts.limits SiteSearch.Box made.Axes made.Sites.Length

    [| 0 .. starts - 1 |]
    |> Products.map 2 (fun start ->
        let numbers = SiteStarts.numbers 0 0 made.Sites.Length 1 start
        let places = made.Sites |> Array.collect (fun _ -> SiteStarts.point made.Axes numbers)
        let stop = { Iterations = 200; Hopeless = infinity }

        let found = SiteFit.run problem types (SiteOrbits.Free types.Sites) limits stop places (SiteFitWork())

        found.Cost < 1e-6 * problem.Rows.Squares)
    |> Array.filter id
    |> Array.length

[<Tests>]
let tests =
    testList "sites: single starts" [
        for name, made, least in [ "rod", rod, 34; "hexagon", hexagon, 20; "board", board, 18 ] do
            testCase $"of 40, {least} find every site of the {name}"
            <| fun () ->
                let found = successes made 40
                Expect.isTrue (found >= least) $"{found} of 40"
    ]
