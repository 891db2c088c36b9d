/// Likely mistakes are said where numbers are made, not only by `inspect`.
module AniSoap.Tests.Cli.WarningTests

open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private nematic = Repository.gayBerne "nematic"

/// What each kind of run is called, and its arguments before the frames.
let private runs = [
    "power-spectrum", words "power-spectrum -o out.npz"
    "power-spectrum with gradients", words "power-spectrum -o out.mts --gradients strain"
    "expansion", words "expansion -o out.mts"
    "expansion by pairs", words "expansion -o out.mts --pairs"
    "plot spectrum", words "plot spectrum -o out.html"
    "inspect", words "inspect"
]

let private hypers = words "--max-angular 2 --max-radial 1"
let private usual = words "--radial-gaussian-width 1.5 --cutoff-radius 3.5"

/// A mistake, its arguments, and what the warning about it says.
let private mistakes = [
    "a cutoff below the nearest distance",
    words "--radial-gaussian-width 0.4 --cutoff-radius 0.5",
    [ "no particle has a neighbour within the cutoff 0.5"; "0.9" ]
    "a cutoff shorter than the particles",
    words "--radial-gaussian-width 1.5 --cutoff-radius 2",
    [ "the cutoff 2 is shorter than the longest axis 3" ]
    "diameters taken for semi-axes",
    usual @ words "--shape-as semiaxis",
    [ "frame 0, particle "; "semi-axes that look like diameters"; "--shape-as diameter" ]
    "quaternions read in the wrong order",
    usual @ words "--orientation-order xyzw",
    [ "frame 0, particle "; "in the order wxyz"; "--orientation-order wxyz" ]
    "a Gaussian width above the cutoff",
    words "--radial-gaussian-width 15 --cutoff-radius 3.5",
    [ "Gaussian width 15"; "cutoff 3.5" ]
    "a Gaussian width that ends before the next particle",
    words "--radial-gaussian-width 0.05 --cutoff-radius 3.5",
    [ "radial functions end at"; "--radial-gaussian-width" ]
]

let private warnings (outcome: Outcome) =
    Expect.equal outcome.ExitCode 0 outcome.Errors

    outcome.ErrorLines
    |> List.filter (fun line -> line.StartsWith "anisoap: warning: ")

let private onNematic arguments more = arguments @ [ nematic; "--frames"; "0:2"; "--species"; "1" ] @ more

[<Tests>]
let mistaken =
    testList "program: warns where numbers are made" [
        for name, arguments in runs do
            for mistake, options, said in mistakes do
                yield
                    testCase $"{name}: of {mistake}, once" (fun () ->
                        inFolder (fun folder ->
                            let lines = run folder (onNematic arguments (hypers @ options)) |> warnings

                            match lines |> List.filter (fun line -> said |> List.forall line.Contains) with
                            | [ _ ] -> ()
                            | found -> failtest $"""{found.Length} such lines among: {String.concat "\n" lines}"""))

        yield
            testCase "of radial functions that are dropped, and names a max_radial that keeps all" (fun () ->
                inFolder (fun folder ->
                    let given n =
                        run
                            folder
                            (onNematic
                                (words "power-spectrum --force -o out.npz")
                                (words $"--max-angular 6 --max-radial {n}" @ usual))
                        |> warnings

                    match given 12 with
                    | [ line ] ->
                        Expect.stringContains line "17 of 91 radial functions are dropped" "how many"
                        Expect.stringContains line "--max-radial 7 " "the remedy"
                    | lines -> failtest $"%A{lines}"

                    Expect.isEmpty (given 7) "the remedy helps"))

        yield
            testCase "of nothing where nothing is wrong, in any phase" (fun () ->
                inFolder (fun folder ->
                    for phase in [ "isotropic"; "nematic"; "smectic" ] do
                        let arguments =
                            [ "power-spectrum"; Repository.gayBerne phase; "-o"; phase + ".npz" ]
                            @ hypers
                            @ usual

                        let outcome = run folder arguments
                        Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") phase))

        yield
            testCase "of nothing with --quiet" (fun () ->
                inFolder (fun folder ->
                    for _, options, _ in mistakes do
                        let arguments = words "power-spectrum --quiet --force -o out.npz"
                        let outcome = run folder (onNematic arguments (hypers @ options))
                        Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "silence"))

        yield
            testCase "of one likely cause, not of what follows from it" (fun () ->
                inFolder (fun folder ->
                    let lines =
                        run folder (onNematic [ "inspect" ] (words "--orientation-order xyzw"))
                        |> warnings

                    Expect.hasLength lines 1 "the order of the quaternions alone"
                    Expect.isFalse (lines[0].Contains "diameters") "the shapes are not to blame"))

        yield
            testCase "of shapes of half their size" (fun () ->
                inFolder (fun folder ->
                    let rows =
                        String.concat "" [
                            for x in 0..3 do
                                for y in 0..3 do
                                    for z in 0..3 -> $"C {2 * x} {2 * y} {2 * z} 1 1 1\n"
                        ]

                    let header = "Properties=species:S:1:pos:R:3:diameter:R:3 Lattice=\"8 0 0 0 8 0 0 0 8\""
                    File.WriteAllText(Path.Combine(folder, "frames.xyz"), $"64\n{header}\n{rows}")
                    let arguments = words "power-spectrum frames.xyz --force -o out.npz" @ hypers @ usual

                    match run folder arguments |> warnings with
                    | [ line ] -> Expect.stringContains line "look like semi-axes" "the warning"
                    | lines -> failtest $"%A{lines}"

                    Expect.isEmpty (run folder (arguments @ [ "--shape-as"; "semiaxis" ]) |> warnings) "mended"))

        yield
            testCase "of orientations that were perhaps not read" (fun () ->
                inFolder (fun folder ->
                    let header = "Properties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3"
                    let rows = "C 0 0 0 1 0 0 0 1 1 3\nC 2 0 0 1 0 0 0 1 1 3\n"
                    File.WriteAllText(Path.Combine(folder, "frames.xyz"), $"2\n{header}\n{rows}")

                    match
                        run folder (words "power-spectrum frames.xyz -o out.npz" @ hypers @ usual)
                        |> warnings
                    with
                    | [ line ] -> Expect.stringContains line "no particle is turned" "the warning"
                    | lines -> failtest $"%A{lines}"))
    ]
