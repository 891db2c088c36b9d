/// Bodies found where the data are worse than exact dimers of one kind of site: noise, energies alone, two types, particles that are no bodies, noisy frames of many.
module AniSoap.Tests.Learning.SiteConditionTests

open System
open System.Collections.Immutable
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.SiteSupport

let private sitesOf (potential: Potential) = potential.Sites.Value.Bodies[0].Sites

/// Targets with Gaussian noise of these sizes.
let private noisy seed onEnergy onForces onTorques (targets: PotentialTargets[]) =
    let normal = NormalNumbers seed

    let stirred size (numbers: ImmutableArray<float>) =
        numbers
        |> Seq.map (fun x -> x + size * normal.Next())
        |> ImmutableArray.CreateRange

    targets
    |> Array.map (fun one -> {
        one with
            Energy = one.Energy |> Option.map (fun e -> e + onEnergy * normal.Next())
            Forces = stirred onForces one.Forces
            Torques = stirred onTorques one.Torques
    })

/// Two types, a and b, of different strength and size.
let private mixed: Law =
    fun t u ->
        if t = 0 && u = 0 then struct (1.0, 1.0)
        elif t = u then struct (0.4, 1.3)
        else struct (0.8, 1.1)

[<Tests>]
let tests =
    testList "sites: conditions" [
        testCase "of noise on all targets leave the number of sites right, and forces far better than the noise"
        <| fun () ->
            let potential = dimers same rod rod 81 200 |> noisy 82 0.1 1.0 0.5 |> train options
            Expect.equal (sitesOf potential).Length 5 "sites"
            let errors = errors potential (dimers same rod rod 83 300)
            Close.below errors.Energy.Rmse 0.05 "energy"
            Close.below errors.Forces.PercentOfRms 2.0 "forces, whose noise is above a tenth"
            Close.below errors.Torques.PercentOfRms 2.0 "torques"

        testCase "of noise do not lead away where sites come a little nearer than any that were seen"
        <| fun () ->
            let clean, others = dimers same board board 91 400, dimers same board board 92 1500
            let count = { options with Bodies = { options.Bodies with Sites = SiteChoice.Count 6 } }

            for seed in 93..96 do
                let errors = errors (clean |> noisy seed 0.1 1.0 0.5 |> train count) others
                Close.below errors.Forces.PercentOfRms 1.0 $"forces, noise {seed}"
                Close.below errors.Torques.PercentOfRms 1.0 $"torques, noise {seed}"

        testCase "of energies alone are enough for places, and for forces that nobody told"
        <| fun () ->
            let energies =
                dimers same rod rod 84 300
                |> Array.map (fun one -> { one with Forces = ImmutableArray.Empty; Torques = ImmutableArray.Empty })

            let potential = train options energies
            Expect.equal (sitesOf potential).Length 5 "sites"
            let errors = errors potential (dimers same rod rod 85 300)
            Close.below errors.Energy.Rmse 0.004 "energy"
            Close.below errors.Forces.PercentOfRms 0.2 "forces"

        testCase "of two types in one body are told apart, with their numbers"
        <| fun () ->
            let headed = { rod with Types = [| 0; 0; 0; 0; 1 |] }
            let potential = train options (dimers mixed headed headed 86 300)

            Expect.equal
                (sitesOf potential |> Seq.countBy _.Type |> Seq.map snd |> Seq.sort |> Seq.toList)
                [ 1; 4 ]
                "one of one type, four of the other"

            let errors = errors potential (dimers mixed headed headed 87 300)
            Close.below errors.Forces.PercentOfRms 0.6 "forces"

        testCase "of ellipsoids that are no bodies are decided against, at no loss"
        <| fun () ->
            let all = PotentialSupport.dimers.Value
            let none = { options with Bodies = { options.Bodies with Sites = SiteChoice.None } }
            let auto, plain = train options all[..149], train none all[..149]
            let left (potential: Potential) = (errors potential all[200..]).Forces.PercentOfRms
            Close.atMost (left auto) (1.02 * left plain) "forces"

        testCase "of frames of many with noise move the places that were found to where they are"
        <| fun () ->
            let cutoff = { Radius = 3.5; SmoothingWidth = 0.5 }
            let all = crowds cutoff same hexagon 3.0 89 12 4

            let ring = {
                options with
                    Bodies = { options.Bodies with Sites = SiteChoice.Count 6; Symmetry = 6; Cutoff = Some cutoff }
            }

            let potential = all[..2] |> noisy 90 1.0 1.0 0.5 |> train ring

            for site in sitesOf potential do
                let p = site.Position
                Close.within 0.03 1.0 [| sqrt (p.X * p.X + p.Y * p.Y); p.Z |] [| 0.8; 0.0 |] "radius and height"

            Close.below (errors potential all[3..]).Forces.PercentOfRms 5.0 "forces, without the noise"
    ]
