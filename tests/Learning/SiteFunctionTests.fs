/// Radial functions of sites by themselves.
module AniSoap.Tests.Learning.SiteFunctionTests

open System
open System.Collections.Immutable
open Expecto
open AniSoap.Learning
open AniSoap.Tests

[<Tests>]
let tests =
    testList "sites: functions" [
        testCase
            "go on as a wall a little below the shortest distance seen, and not by the steepest term, which only nearer distances could have told"
        <| fun () ->
            // exp(−12 (r − 1)) − exp(−6 (r − 1)), and of the steepest, 64, so little that at r = 1 it is a five-hundredth of the force and at 0.85 three times the rest.
            let withSteepest weight =
                let weights = Array.zeroCreate<float> SiteExponentials.count
                weights[Array.IndexOf(SiteExponentials.rates, 12.0)] <- 1.0
                weights[Array.IndexOf(SiteExponentials.rates, 6.0)] <- -1.0
                weights[SiteExponentials.count - 1] <- weight

                let f = {
                    First = "a"
                    Second = "a"
                    Form = SiteForm.Exponentials(1.0, weights.ToImmutableArray())
                    Nearest = 1.0
                    Farthest = 2.5
                }

                SiteFunction.evaluator { Radius = 3.0; SmoothingWidth = 0.5 } f

            let force at r =
                let struct (_, slope: float) = at r
                -slope

            let plain, steep = withSteepest 0.0, withSteepest 2e-4

            for r in [ 0.97; 0.95; 0.9; 0.85 ] do
                let expected = force plain r
                Close.within 0.15 expected [| force steep r |] [| expected |] $"force at {r}"
    ]
