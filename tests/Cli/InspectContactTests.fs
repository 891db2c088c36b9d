/// What inspect says of the closest contact, near or far: it looks far only where it must.
module AniSoap.Tests.Cli.InspectContactTests

open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

/// Spheres of diameter 1 at these places along x, in one frame.
let private spheres folder (places: float list) =
    let rows =
        places
        |> List.map (fun x -> System.FormattableString.Invariant $"C {x} 0 0 1 0 0 0 1 1 1")

    let header = "Properties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3"
    File.WriteAllLines(Path.Combine(folder, "a.xyz"), [ string places.Length; header ] @ rows)

let private contactLine folder =
    let outcome = run folder (words "inspect a.xyz --quiet")
    Expect.equal outcome.ExitCode 0 "inspected"

    outcome.Output.Split '\n'
    |> Array.find (fun line -> line.Contains "closest contact")

[<Tests>]
let tests =
    testList "program: closest contacts" [
        for distance, factor in [ 0.8, "0.8"; 1.0, "1"; 1.2, "1.2"; 1.45, "1.45"; 1.55, "1.55"; 2.2, "2.2" ] do
            testCase $"of spheres that touch when grown {factor} times are found, whoever else is far away" (fun () ->
                TestData.inFolder (fun folder ->
                    for others in [ []; [ 40.0 ] ] do
                        spheres folder ([ 0.0; distance ] @ others)
                        Expect.stringContains (contactLine folder) $"at {factor} of the size" $"{others}"))
    ]
