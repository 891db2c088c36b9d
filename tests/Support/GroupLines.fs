/// What is printed while the tests run: a line for each group of tests when its last one has ended, and at the end which were left out and what they miss.
module AniSoap.Tests.GroupLines

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open Expecto
open Expecto.Impl

/// A group is what stands first in a test's name: a list of tests at the top of a file.
type private Group = {
    Name: string
    Watch: Stopwatch
    mutable Waiting: int
    mutable Passed: int
    mutable Failed: int
    mutable Skipped: int
}

/// Counts and prints; a printer for Expecto, which calls it from several threads. `all` are the tests with the lists that they stand in: what Expecto hands
/// to a printer has one joined name.
type Lines(output: TextWriter, all: Test) =
    let gate = obj ()
    let groups = Dictionary<string, Group>()
    let join = ExpectoConfig.defaultConfig.joinWith.format

    let listOf = readOnlyDict [ for test in Test.toTestCodeList all -> join test.name, List.head test.name ]

    let ownerOf = Dictionary<string, Group>()
    let reasons = Dictionary<string, List<string>>()
    let mutable ended = 0

    let ends (name: string) (count: Group -> unit) =
        lock gate (fun () ->
            match ownerOf.TryGetValue name with
            | true, group ->
                count group
                group.Waiting <- group.Waiting - 1

                if group.Waiting = 0 then
                    ended <- ended + 1

                    let skipped =
                        if group.Skipped > 0 then
                            $", {group.Skipped} left out"
                        else
                            ""

                    let seconds = group.Watch.Elapsed.TotalSeconds.ToString "F1"

                    output.WriteLine
                        $"[{ended}/{groups.Count}] {group.Name}: {group.Passed} passed, {group.Failed} failed{skipped}, {seconds} s"

                    output.Flush()
            | _ -> ())

    let begins (name: string) =
        lock gate (fun () ->
            match ownerOf.TryGetValue name with
            | true, group -> group.Watch.Start()
            | _ -> ())

    let plan (test: Test) =
        lock gate (fun () ->
            for test in Test.toTestCodeList test do
                let fullName = join test.name

                let name =
                    match listOf.TryGetValue fullName with
                    | true, name -> name
                    | _ -> fullName

                let group =
                    match groups.TryGetValue name with
                    | true, group -> group
                    | _ ->
                        let group = {
                            Name = name
                            Watch = Stopwatch()
                            Waiting = 0
                            Passed = 0
                            Failed = 0
                            Skipped = 0
                        }

                        groups[name] <- group
                        group

                group.Waiting <- group.Waiting + 1
                ownerOf[fullName] <- group

            output.WriteLine $"{ownerOf.Count} tests in {groups.Count} groups; a line for each group when it has ended"
            output.Flush())

    let leftOut (name: string) (reason: string) =
        lock gate (fun () ->
            match reasons.TryGetValue reason with
            | true, names -> names.Add name
            | _ -> reasons[reason] <- List [ name ])

    /// To be given to Expecto. Failures are told in full by its own printer, at once.
    member _.Printer: TestPrinters =
        let usual = TestPrinters.defaultPrinter

        {
            TestPrinters.silent with
                beforeRun = fun test -> async { plan test }
                beforeEach = fun name _ -> async { begins name }
                passed = fun name _ -> async { ends name (fun group -> group.Passed <- group.Passed + 1) }
                ignored =
                    fun name reason ->
                        async {
                            leftOut name reason
                            ends name (fun group -> group.Skipped <- group.Skipped + 1)
                        }
                failed =
                    fun name message duration ->
                        async {
                            do! usual.failed name message duration
                            ends name (fun group -> group.Failed <- group.Failed + 1)
                        }
                exn =
                    fun name error duration ->
                        async {
                            do! usual.exn name error duration
                            ends name (fun group -> group.Failed <- group.Failed + 1)
                        }
        }

    /// The tests that were left out, by what they miss.
    member _.WriteLeftOut() =
        lock gate (fun () ->
            for KeyValue(reason, names) in reasons do
                output.WriteLine $"\nLeft out: {reason}"
                names |> Seq.sort |> Seq.iter (fun name -> output.WriteLine $"    {name}")

            output.Flush())
