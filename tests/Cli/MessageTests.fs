/// What the system and its libraries say reaches people in words of ours.
module AniSoap.Tests.Cli.MessageTests

open System
open System.IO
open System.IO.Compression
open System.Text.RegularExpressions
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

/// What texts look like where a program was published without them.
let private key = Regex @"\b[A-Za-z]+_[A-Z]\w*|UnsupportedCompression|EOCDNotFound|GenericInvalidData"

let private refusal folder arguments (said: string list) =
    let outcome = run folder arguments
    Expect.equal outcome.ExitCode 2 outcome.Errors
    Expect.hasLength outcome.ErrorLines 1 "one line"

    for text in said do
        Expect.stringContains outcome.Errors text "in words"

    Expect.isFalse (key.IsMatch outcome.Errors) $"no key: {outcome.Errors}"
    Expect.isFalse (outcome.Errors.Contains ".partial") "no temporary file"

let private features folder output =
    place folder "frames.xyz" "anisoap/coupled-radial/frames17.extxyz"
    place folder "hypers.json" "anisoap/coupled-radial/hypers.json"
    let outcome = run folder (words $"power-spectrum frames.xyz --hypers hypers.json -o {output}")
    Expect.equal outcome.ExitCode 0 outcome.Errors
    File.ReadAllBytes(Path.Combine(folder, output))

let private inSystemFolders =
    if OperatingSystem.IsLinux() then
        [
            testCase "of an output in a folder where nothing can be created" (fun () ->
                inCase "coupled-radial" (fun folder ->
                    refusal folder (words "power-spectrum frames.xyz --hypers hypers.json -o /proc/out.npz") [
                        "/proc/out.npz: "
                    ]))
        ]
    else
        []

[<Tests>]
let messages =
    testList "program: says in words" [
        testCase "that a name is too long" (fun () ->
            inCase "coupled-radial" (fun folder ->
                let name = String('n', 300) + ".npz"

                refusal folder [ "power-spectrum"; "frames.xyz"; "--hypers"; "hypers.json"; "-o"; name ] [
                    name
                    "its name is longer than the file system allows"
                ]))

        yield! inSystemFolders

        testCase "that an archive is cut" (fun () ->
            inFolder (fun folder ->
                for ending in [ "npz"; "mts" ] do
                    let whole = features folder $"whole.{ending}"

                    for length in [ 1; whole.Length / 2; whole.Length - 1 ] do
                        File.WriteAllBytes(Path.Combine(folder, $"cut.{ending}"), whole[.. length - 1])
                        refusal folder [ "inspect"; $"cut.{ending}" ] [ $"cut.{ending}" ]))

        testCase "that an archive is damaged, whichever byte is" (fun () ->
            inFolder (fun folder ->
                let source = Path.Combine(folder, "plain.npz")
                features folder "plain.npz" |> ignore
                // The same, deflated.
                let path = Path.Combine(folder, "whole.npz")

                using (ZipFile.OpenRead source) (fun plain ->
                    use deflated = ZipFile.Open(path, ZipArchiveMode.Create)

                    for entry in plain.Entries do
                        use from = entry.Open()
                        use into = deflated.CreateEntry(entry.FullName, CompressionLevel.Optimal).Open()
                        from.CopyTo into)

                let whole = File.ReadAllBytes path

                for at in [ 40; 60; 90; 140; 400; whole.Length - 60; whole.Length - 20 ] do
                    let damaged = Array.copy whole
                    damaged[at] <- damaged[at] ^^^ 0x5Auy
                    File.WriteAllBytes(Path.Combine(folder, "damaged.npz"), damaged)
                    let outcome = run folder [ "inspect"; "damaged.npz" ]
                    Expect.isFalse (key.IsMatch outcome.Errors) $"byte {at}: {outcome.Errors}"))

        testCase "that compressed text is damaged" (fun () ->
            inFolder (fun folder ->
                let whole = File.ReadAllBytes(Repository.gayBerne "nematic")
                let damaged = Array.copy whole

                for at in 2000..2019 do
                    damaged[at] <- 0xFFuy

                File.WriteAllBytes(Path.Combine(folder, "damaged.xyz.gz"), damaged)
                refusal folder [ "inspect"; "damaged.xyz.gz" ] [ "damaged.xyz.gz" ]))

        testCase "that all frames are empty" (fun () ->
            inFolder (fun folder ->
                let empty = "0\nProperties=species:S:1:pos:R:3\n"
                File.WriteAllText(Path.Combine(folder, "frames.xyz"), empty + empty)

                for verb in [ "power-spectrum -o out.npz"; "expansion -o out.mts" ] do
                    refusal folder (words verb @ [ "frames.xyz" ] @ smallHypers) [ "frames.xyz"; "without particles" ]))

        testCase "names with control characters, without those" (fun () ->
            let described = AniSoapError.describe (Missing("a\000b\027[31m\tc\nd", "é", Place.Unknown))
            Expect.equal described @"a\u0000b\u001b[31m\tc\nd is missing; é" "escaped")

        testCase "why the system refuses, whatever the culture and the build" (fun () ->
            for thrown, reason in
                [
                    UnauthorizedAccessException "UnauthorizedAccess_IODenied_Path, /x/.out.partial" :> exn,
                    "permission is denied"
                    PathTooLongException "IO_PathTooLong_Path, x", "its name is longer than the file system allows"
                    IOException("IO_DiskFull_Path", 28), "no space is left on the device"
                    IOException("IO_Unknown_Key", 77), "the system refuses it (error 77)"
                    DirectoryNotFoundException "IO_PathNotFound_Path, /x", "there is no such directory"
                    FileNotFoundException("IO_FileNotFound_FileName, /x", "/x"), "there is no such file"
                    FileNotFoundException("x", "System.IO.Hashing, Version=9.0.0.0, Culture=neutral"),
                    "the program is incomplete: System.IO.Hashing.dll is missing"
                ] do
                Expect.equal (SystemReason.ofFile thrown) reason "the reason")
    ]

[<Tests>]
let texts =
    testCase "program: is built with the system's texts" (fun () ->
        let settings =
            nonNull (Path.ChangeExtension(programPath, ".runtimeconfig.json"))
            |> File.ReadAllText

        Expect.isFalse (Regex("UseSystemResourceKeys\": true").IsMatch settings) "no keys instead of texts")
