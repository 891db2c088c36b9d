/// Links, modes, names and leftovers of files that appear whole or not at all.
module AniSoap.Tests.AtomicFileTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.Tensors
open AniSoap.Formats

let private write (path: string) (text: string) =
    AtomicFile.write Existing.Replace path (fun stream ->
        Ok(stream.Write(ReadOnlySpan(Text.Encoding.UTF8.GetBytes text))))
    |> ok

let private inFolder action = TestData.inFolder action
let private join (parts: string list) = Path.Combine(List.toArray parts)

let private onUnix reason =
    if OperatingSystem.IsWindows() then
        skiptest reason

let private link (path: string) (target: string) = File.CreateSymbolicLink(path, target) |> ignore
let private partials folder = Directory.GetFiles(folder, "*.partial", EnumerationOptions(AttributesToSkip = enum 0))

[<Tests>]
let links =
    testList "an output that is a link" [
        testCase "to a relative path is written beside the link, wherever the program stands"
        <| fun () ->
            inFolder (fun folder ->
                link (join [ folder; "out" ]) "target"
                write (join [ folder; "out" ]) "new"
                Expect.equal (File.ReadAllText(join [ folder; "target" ])) "new" "target"
                Expect.equal (FileInfo(join [ folder; "out" ]).LinkTarget) "target" "the link stays")

        testCase "in a folder that is a link itself counts from where it really stands"
        <| fun () ->
            inFolder (fun folder ->
                onUnix "Windows counts a link's target from the path that was asked for"
                Directory.CreateDirectory(join [ folder; "real"; "deep" ]) |> ignore
                link (join [ folder; "short" ]) "real/deep"
                link (join [ folder; "real"; "deep"; "out" ]) "../target"
                write (join [ folder; "short"; "out" ]) "new"
                Expect.equal (File.ReadAllText(join [ folder; "real"; "target" ])) "new" "target"
                Expect.isFalse (File.Exists(join [ folder; "target" ])) "not beside the linked folder")

        testCase "to a link to a link ends at the last one's target, and all stay"
        <| fun () ->
            inFolder (fun folder ->
                let at name = join [ folder; name ]
                File.WriteAllText(at "d", "old")

                [ "a", "b"; "b", "c"; "c", "d" ]
                |> List.iter (fun (name, target) -> link (at name) target)

                write (at "a") "new"
                Expect.equal (File.ReadAllText(at "d")) "new" "target"

                for name in [ "a"; "b"; "c" ] do
                    Expect.isNotNull (FileInfo(at name).LinkTarget) name)

        testCase "to nothing makes its target, and is refused where the target's folder is missing"
        <| fun () ->
            inFolder (fun folder ->
                link (join [ folder; "a" ]) "target"
                write (join [ folder; "a" ]) "new"
                Expect.equal (File.ReadAllText(join [ folder; "target" ])) "new" "target"
                link (join [ folder; "b" ]) (join [ "nowhere"; "target" ])
                let text = sentence (AtomicFile.Create(join [ folder; "b" ], Existing.Replace))
                Expect.stringContains text "directory" "refused")

        testCase "in a circle is refused, and so is one to a folder"
        <| fun () ->
            inFolder (fun folder ->
                onUnix "Windows makes no links in a circle"
                link (join [ folder; "a" ]) "b"
                link (join [ folder; "b" ]) "a"
                let circle = sentence (AtomicFile.Create(join [ folder; "a" ], Existing.Replace))
                Expect.stringContains circle "circle" "circle"
                link (join [ folder; "c" ]) "."

                Expect.stringContains
                    (sentence (AtomicFile.Create(join [ folder; "c" ], Existing.Replace)))
                    "directory"
                    "folder")
    ]

[<Tests>]
let modes =
    testList "a file that is replaced" [
        for mode in [ 0o600; 0o444; 0o755; 0o640 ] do
            let text = Convert.ToString(mode, 8)

            testCase $"with mode {text} keeps it, and its temporary allows nobody more"
            <| fun () ->
                inFolder (fun folder ->
                    onUnix "Windows has no modes"
                    let path = join [ folder; "a" ]
                    File.WriteAllText(path, "old")
                    File.SetUnixFileMode(path, enum mode)
                    use file = AtomicFile.Create(path, Existing.Replace) |> ok
                    let temporary = int (File.GetUnixFileMode(Array.exactlyOne (partials folder)))
                    Expect.equal (temporary &&& ~~~mode) 0 "while it is written"
                    file.Stream.WriteByte 1uy
                    file.Commit() |> ok
                    Expect.equal (File.GetUnixFileMode path) (enum mode) "mode"
                    Expect.equal (File.ReadAllBytes path) [| 1uy |] "content")
    ]

[<Tests>]
let temporaries =
    testList "temporary files" [
        testCase "of a run that was killed are deleted by the next for the same output, and no others"
        <| fun () ->
            inFolder (fun folder ->
                let at name = join [ folder; name ]
                let left = [ ".a.0123abcd.partial"; ".a.ffffffff.partial" ]
                let kept = [ ".b.0123abcd.partial"; ".a.0123.partial"; ".a.b.0123abcd.partial"; ".a.0123abcX.partial" ]

                for name in left @ kept do
                    File.WriteAllText(at name, "left")

                write (at "a") "new"

                Expect.equal
                    (Directory.GetFileSystemEntries folder
                     |> Array.map Path.GetFileName
                     |> Set.ofArray)
                    (Set.ofList ("a" :: kept))
                    "folder")

        testCase "of two live runs for the same output are left alone by each other, and by a third"
        <| fun () ->
            inFolder (fun folder ->
                let path = join [ folder; "a" ]
                use first = AtomicFile.Create(path, Existing.Replace) |> ok
                use second = AtomicFile.Create(path, Existing.Replace) |> ok
                write path "third"
                Expect.equal (partials folder).Length 2 "two are under way"
                first.Stream.WriteByte 1uy
                first.Commit() |> ok
                Expect.equal (File.ReadAllBytes path) [| 1uy |] "first"
                second.Stream.WriteByte 2uy
                second.Commit() |> ok
                Expect.equal (File.ReadAllBytes path) [| 2uy |] "second"
                Expect.equal (Directory.GetFileSystemEntries folder) [| path |] "folder")

        testCase "for data that must wait have no name, so that nothing can leave them behind"
        <| fun () ->
            inFolder (fun folder ->
                onUnix "Windows deletes such files when they are closed, by whomever"
                use spill = new Spill(join [ folder; "a" ])
                spill.Stream.Write(ReadOnlySpan "text"B)
                Expect.isEmpty (Directory.GetFileSystemEntries folder) "folder"
                use copy = new MemoryStream()
                spill.CopyTo copy
                Expect.equal (copy.ToArray()) "text"B "what was written")

        testCase "are not longer than names may be"
        <| fun () ->
            inFolder (fun folder ->
                onUnix "Windows limits paths, not names"

                for name in [ String('a', 255); String.replicate 127 "é"; String.replicate 63 "😀"; "a*[b]?" ] do
                    let path = join [ folder; name ]
                    use spill = new Spill(path)
                    ignore spill
                    let left = AtomicFile.Create(path, Existing.Keep) |> ok
                    let temporary = Array.exactlyOne (partials folder)
                    left.Dispose()
                    File.WriteAllText(temporary, "left")
                    write path "new"
                    Expect.equal (Directory.GetFileSystemEntries folder) [| path |] "the file alone"
                    File.Delete path

                let long = String('a', 256)
                let text = sentence (AtomicFile.Create(join [ folder; long ], Existing.Keep))
                Expect.stringContains text "longer than the file system allows" "refused")

        testCase "are one for an output that was begun before the work for it"
        <| fun () ->
            inFolder (fun folder ->
                let path = join [ folder; "a" ]
                use begun = AtomicFile.Create(path, Existing.Keep) |> ok
                let temporary = Directory.GetFileSystemEntries folder
                let existing = Existing.Begun [ begun ]

                AtomicFile.write existing path (fun stream ->
                    Expect.equal (Directory.GetFileSystemEntries folder) temporary "no other"
                    stream.Write "new"B
                    Ok())
                |> ok

                Expect.equal (Directory.GetFileSystemEntries folder) [| path |] "the file"
                Expect.stringContains (sentence (AtomicFile.Create(path, existing))) "exists" "it is complete"
                write (join [ folder; "b" ]) "other"

                Expect.stringContains
                    (sentence (AtomicFile.Create(join [ folder; "b" ], existing)))
                    "exists"
                    "another stays")
    ]

[<Tests>]
let sameFiles =
    testList "two paths are one file" [
        testCase "by links, hard links and linked folders, and else not"
        <| fun () ->
            inFolder (fun folder ->
                onUnix "Windows tells files apart by their paths alone"
                let at name = join [ folder; name ]
                Directory.CreateDirectory(at "data") |> ignore
                File.WriteAllText(at "data/in", "")
                File.WriteAllText(at "data/other", "")
                link (at "linked") "data"
                link (at "link") "data/in"
                use hard = Diagnostics.Process.Start("ln", [ at "data/in"; at "hard" ])
                hard.WaitForExit()

                for name in [ "data/in"; "linked/in"; "link"; "hard"; "data/../data/in" ] do
                    Expect.isTrue (PathKind.isSameFile (at "data/in") (at name)) name

                for name in [ "data/other"; "data"; "nothing" ] do
                    Expect.isFalse (PathKind.isSameFile (at "data/in") (at name)) name

                Expect.isTrue (PathKind.isSameFile (at "linked/new") (at "data/new")) "not there yet"
                Expect.isFalse (PathKind.isSameFile "" "") "no names")

        testCase "or not files at all: kinds are told by what stands there"
        <| fun () ->
            inFolder (fun folder ->
                onUnix "Windows has no devices among its files"
                let at name = join [ folder; name ]
                use pipe = Diagnostics.Process.Start("mkfifo", [ at "pipe" ])
                pipe.WaitForExit()
                link (at "null") "/dev/null"
                File.WriteAllText(at "file", "")
                Expect.equal (PathKind.ofPath (at "pipe")) PathKind.Pipe "pipe"
                Expect.equal (PathKind.ofPath (at "null")) PathKind.Device "device"
                Expect.equal (PathKind.ofPath (at "file")) PathKind.File "file"
                Expect.equal (PathKind.ofPath folder) PathKind.Folder "folder"
                Expect.equal (PathKind.ofPath (at "nothing")) PathKind.Nothing "nothing"
                Expect.equal (PathKind.ofPath "") PathKind.Nothing "no name"

                for name, reason in [ "pipe", "pipe"; "null", "device" ] do
                    Expect.stringContains (sentence (AtomicFile.Create(at name, Existing.Replace))) reason name)

        testCase "and a file in memory below /dev is a file"
        <| fun () ->
            if not (Directory.Exists "/dev/shm") then
                skiptest "no file system in memory"

            let folder = Directory.CreateDirectory $"/dev/shm/anisoap-{Guid.NewGuid()}"

            try
                let path = join [ folder.FullName; "a" ]
                write path "new"
                Expect.equal (File.ReadAllText path) "new" "content"
                Expect.isFalse (PathKind.isStream path) "read as often as needed"
            finally
                folder.Delete true
    ]
