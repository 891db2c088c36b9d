/// Virials and stresses of files: what their numbers are, and that each is trained on and compared as what it is.
module AniSoap.Tests.Learning.VirialTargetTests

open System.Collections.Immutable
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.PotentialSupport

let private virialTests =
    testList "virials of files" [
        let cell =
            Cell.create (Vector3.create 2.0 0.0 0.0) (Vector3.create 0.0 3.0 0.0) (Vector3.create 0.0 0.0 5.0) {
                A = true
                B = true
                C = true
            }
            |> sure

        let targetsOf keys (frame: Frame) (info: (string * InfoValue) list) =
            Snapshot.create frame Map.empty None info []
            |> sure
            |> PotentialTargets.ofSnapshot keys

        let placesOf keys info =
            let targets = targetsOf keys { skew 1 2 with Cell = cell } info |> sure
            [ for struct (place, value) in targets.Virial -> place, value ]

        let virialOf name value = placesOf PotentialTargets.keys [ name, value ]
        let voigt = { PotentialTargets.keys with VirialOrder = VirialOrder.Voigt }

        let reals (values: float list) = InfoValue.Reals(ImmutableArray.CreateRange values)

        testCase "of six numbers are LAMMPS's: xx, yy, zz, xy, xz, yz"
        <| fun () ->
            let six = reals [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]
            let expected = [ 0, 1.0; 4, 2.0; 8, 3.0; 1, 4.0; 2, 5.0; 5, 6.0 ]
            Expect.equal (virialOf "virial" six) expected "virial"
            Expect.equal (virialOf "virial6" six) expected "virial6"

        testCase "of nine numbers in a line are columns, of lists are rows"
        <| fun () ->
            let line = virialOf "virial" (reals [ 1.0 .. 9.0 ]) |> Map.ofList
            Expect.equal (line[1], line[3]) (4.0, 2.0) "xy and yx of a line"

            let rows =
                InfoValue.Rows(
                    ImmutableArray.Create(reals [ 1.0; 2.0; 3.0 ], reals [ 4.0; 5.0; 6.0 ], reals [ 7.0; 8.0; 9.0 ])
                )

            let nested = virialOf "virial" rows |> Map.ofList
            Expect.equal (nested[1], nested[3]) (2.0, 4.0) "xy and yx of lists"

        testCase "of six numbers in Voigt's order are the symmetric part, but virial6 stays LAMMPS's"
        <| fun () ->
            let six = reals [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]

            Expect.equal
                (placesOf voigt [ "virial", six ])
                [ 0, 1.0; 4, 2.0; 8, 3.0; 11, 4.0; 10, 5.0; 9, 6.0 ]
                "yz, xz, xy last, symmetric"

            Expect.equal (placesOf voigt [ "virial6", six ]) (virialOf "virial6" six) "virial6"

        testCase "are minus the volume times a stress where there is no virial, and that of its symmetric part"
        <| fun () ->
            let six = reals [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]
            let expected = [ 0, -30.0; 4, -60.0; 8, -90.0 ]

            Expect.equal
                (virialOf "stress" six)
                (expected @ [ 9, -120.0; 10, -150.0; 11, -180.0 ])
                "six in LAMMPS's order"

            Expect.equal
                (placesOf voigt [ "stress", six ])
                (expected @ [ 11, -120.0; 10, -150.0; 9, -180.0 ])
                "six in Voigt's order"

            let nine = reals [ 1.0; 4.0; 5.0; 4.5; 2.0; 6.0; 5.0; 6.0; 3.0 ]

            Expect.equal
                (virialOf "stress" nine)
                (expected @ [ 9, -127.5; 10, -150.0; 11, -180.0 ])
                "nine, whose triangles differ by rounding or more"

            let both = [ "stress", six; "virial", reals [ 1.0 .. 6.0 ] ]
            Expect.equal (placesOf PotentialTargets.keys both) (virialOf "virial" six) "the virial goes first"

            let isolated = targetsOf PotentialTargets.keys { skew 1 2 with Cell = Cell.none } [ "stress", six ]
            Expect.stringContains (sentence isolated) "stress = given in a frame without a periodic cell" "no volume"

        testCase "of the symmetric part are trained on and compared as means of both triangles"
        <| fun () ->
            let symmetric (targets: PotentialTargets) =
                let w = Map.ofSeq (targets.Virial |> Seq.map (fun (struct (place, value)) -> place, value))
                let mean a b = 0.5 * (w[a] + w[b])

                {
                    targets with
                        Energy = None
                        Forces = ImmutableArray.Empty
                        Torques = ImmutableArray.Empty
                        Virial =
                            ImmutableArray.Create(
                                struct (0, w[0]),
                                struct (4, w[4]),
                                struct (8, w[8]),
                                struct (9, mean 1 3),
                                struct (10, mean 2 6),
                                struct (11, mean 5 7)
                            )
                }

            let frames = made 30 |> Array.map symmetric
            let found = errors trained.Value frames
            Close.below found.Virial.PercentOfRms 1e-3 "compared"
            Expect.equal found.Virial.Count (6 * 30) "numbers"

            // More columns than rows: what is trained on is met, if its rows are those of what is compared.
            let potential =
                PotentialTraining.train { options with VirialWeight = 1.0 } (frames |> Seq.map Ok)
                |> sure

            Close.above (float potential.Length) (float (6 * 30)) "columns"
            Close.below (errors potential frames).Virial.PercentOfRms 1e-3 "trained on"
    ]

[<Tests>]
let tests = testList "potentials" [ virialTests ]
