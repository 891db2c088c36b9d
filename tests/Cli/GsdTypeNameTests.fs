/// Names of types on the command line, for GSD files: they are no chemical symbols there.
module AniSoap.Tests.Cli.GsdTypeNameTests

open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Tests.GsdBytes

/// Runs a conversion of a GSD file of two ellipsoids whose types have these names; what is written, or the errors.
let private convert names options =
    let mutable result = Error ""

    TestData.inFolder (fun folder ->
        let chunks =
            twoParticles
            |> replace (texts "particles/types" names)
            |> replace (texts "particles/type_shapes" [ ellipsoid 1 1 2; ellipsoid 1 1 3 ])

        File.WriteAllBytes(Path.Combine(folder, "t.gsd"), file 2 [ chunks ])
        let outcome = run folder (ProgramRun.words "convert t.gsd -o o.xyz" @ ProgramRun.words options)

        result <-
            if outcome.ExitCode = 0 then
                Ok(File.ReadAllLines(Path.Combine(folder, "o.xyz")) |> Array.skip 2)
            else
                Error outcome.Errors)

    result

let private ends (rows: Result<string[], string>) =
    match rows with
    | Ok rows -> [ for row in rows -> row.Split(' ') |> Array.skip 8 |> String.concat " " ]
    | Error errors -> failtest errors

[<Tests>]
let tests =
    testList "program: types of GSD files" [
        test "a name means the type of that name, though it is a chemical symbol" {
            Expect.equal (ends (convert [ "A"; "B" ] "--semiaxes B=5,5,5")) [ "2 2 4"; "10 10 10" ] "semi-axes"
            Expect.equal (ends (convert [ "C"; "O" ] "--diameters C=5,5,5")) [ "5 5 5"; "2 2 6" ] "diameters"
            Expect.equal (ends (convert [ "C"; "O" ] "--semiaxes 1=5,5,5")) [ "2 2 4"; "10 10 10" ] "a number"
        }

        test "a name that no type has is refused with those that there are" {
            match convert [ "A"; "B" ] "--semiaxes C=5,5,5" with
            | Ok _ -> failtest "it was taken"
            | Error errors -> Expect.stringContains errors "the name of a type in t.gsd (A, B)" "the names"
        }

        test "where types are called by atomic numbers a symbol is an element" {
            Expect.equal (ends (convert [ "6"; "8" ] "--semiaxes O=5,5,5")) [ "2 2 4"; "10 10 10" ] "oxygen"
        }

        test "--type-map beats the names of the file" {
            Expect.equal
                (ends (convert [ "A"; "B" ] "--type-map A=5,B=6 --semiaxes B=5,5,5"))
                [ "2 2 4"; "10 10 10" ]
                "B"
        }
    ]
