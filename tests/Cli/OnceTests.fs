/// What takes time is done once a run.
module AniSoap.Tests.Cli.OnceTests

open System
open System.IO
open System.Text.RegularExpressions
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open Expecto

[<Tests>]
let tests =
    testList "once a run" [
        testCase "a projection for other species has the radial functions of the first, and is that made for them"
        <| fun () ->
            let hypers = Hypers.create 4 (RadialBasis.Gto 1.5) 4.0
            let first = Projection.create hypers [ 1 ] |> ok
            let other = Projection.withSpecies [ 8; 1; 8 ] first |> ok

            Expect.isTrue
                (obj.ReferenceEquals(first.RadialFunctions, other.RadialFunctions))
                "the same radial functions"

            Expect.sequenceEqual other.Species [ 1; 8 ] "species"
            let sphere species at = Ellipsoid.sphere species (Vector3.create at 0.3 -0.2) 0.7 |> ok
            let frames = [ Frame.create Cell.none [ sphere 1 0.0; sphere 8 1.5; sphere 1 2.5 ] ]
            let values projection = (PowerSpectrum.mean projection frames |> ok).Blocks[0].Values.ToArray()
            let bits = Array.map BitConverter.DoubleToInt64Bits
            Expect.equal (bits (values other)) (bits (values (Projection.create hypers [ 1; 8 ] |> ok))) "the same bits"
            Expect.stringContains (sentence (Projection.withSpecies [] first)) "at least one species" "none"

        testCase "the program makes radial functions at one place, and a run comes by it once"
        <| fun () ->
            let folder = Path.Combine(Repository.root, "src", "AniSoap.Cli")

            let uses =
                Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
                |> Array.filter (fun file -> not (file.Contains "/obj/" || file.Contains "/bin/"))
                |> Array.collect (fun file ->
                    Regex.Matches(
                        File.ReadAllText file,
                        @"ProjectionModule\.(create|validate|ofFrames)\b|Projections\.Check\b"
                    )
                    |> Seq.map (fun found -> Path.GetFileName file, found.Value)
                    |> Seq.toArray)
                |> Array.sort

            let expected = [| "HyperChoices.cs", "Projections.Check"; "Projections.cs", "ProjectionModule.create" |]

            Expect.equal uses expected "where hyperparameters are made ready"
    ]
