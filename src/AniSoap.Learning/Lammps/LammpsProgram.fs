namespace AniSoap.Learning

open System
open System.Collections.Generic
open System.ComponentModel
open System.Diagnostics
open System.IO
open System.Threading
open AniSoap

/// LAMMPS as a process.
module internal LammpsProgram =
    let private start (lammps: LammpsOptions) (folder: string) (arguments: string list) =
        let words = lammps.Command @ arguments

        let info =
            ProcessStartInfo(
                List.head words,
                List.tail words,
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )

        // By its name, so that the loader takes the library for this processor.
        let known = Environment.GetEnvironmentVariable "LD_LIBRARY_PATH"
        let libraries = Path.GetFullPath lammps.Libraries

        info.Environment["LD_LIBRARY_PATH"] <-
            if String.IsNullOrEmpty known then
                libraries
            else
                libraries + ":" + known

        // A rank is one thread, and says so.
        if String.IsNullOrEmpty(Environment.GetEnvironmentVariable "OMP_NUM_THREADS") then
            info.Environment["OMP_NUM_THREADS"] <- "1"

        try
            match Process.Start info with
            | null -> Error(Inaccessible(List.head words, "cannot be started"))
            | started -> Ok started
        with :? Win32Exception as error ->
            if error.NativeErrorCode = 2 then
                Error(
                    Missing(
                        "the program " + List.head words,
                        "install LAMMPS (Debian's package lammps), or say what starts it",
                        Place.Unknown
                    )
                )
            else
                Error(Inaccessible(List.head words, error.Message))

    /// The last of what a program said, and what it called an error.
    type private Sayings() =
        let lines = Queue<string>()
        let mutable failure: string option = None

        member _.Add(line: string) =
            lock lines (fun () ->
                if failure.IsNone && line.StartsWith("ERROR", StringComparison.Ordinal) then
                    failure <- Some(line.Trim())

                if not (String.IsNullOrWhiteSpace line) then
                    lines.Enqueue(line.Trim())

                    if lines.Count > 4 then
                        lines.Dequeue() |> ignore)

        member _.Reason =
            lock lines (fun () ->
                match failure with
                | Some line -> line
                | None -> String.Join(" / ", lines))

    /// Runs it in a folder to its end, a line of its output at a time; a cancellation ends it and all that it started.
    let run
        (lammps: LammpsOptions)
        (cancellation: CancellationToken)
        (folder: string)
        (arguments: string list)
        (take: string -> unit)
        : Result<unit, AniSoapError> =
        cancellation.ThrowIfCancellationRequested()

        start lammps folder arguments
        |> Result.bind (fun running ->
            use running = running
            let sayings = Sayings()
            running.StandardInput.Close()

            running.ErrorDataReceived.Add(fun said ->
                match said.Data with
                | null -> ()
                | line -> sayings.Add line)

            running.BeginErrorReadLine()

            use _ =
                cancellation.Register(fun () ->
                    try
                        running.Kill true
                    with
                    | :? InvalidOperationException
                    | :? Win32Exception
                    | :? AggregateException -> ())

            try
                let mutable line = running.StandardOutput.ReadLine()

                while not (isNull line) do
                    sayings.Add(nonNull line)
                    take (nonNull line)
                    line <- running.StandardOutput.ReadLine()

                running.WaitForExit()
            finally
                // Whoever listens may have thrown.
                if not running.HasExited then
                    running.Kill true

            cancellation.ThrowIfCancellationRequested()

            if running.ExitCode = 0 then
                Ok()
            else
                Error(Inaccessible(String.concat " " lammps.Command, "ended without a result: " + sayings.Reason)))

    /// How this LAMMPS takes the pair style, by the packages that it says it has.
    let loading (lammps: LammpsOptions) (cancellation: CancellationToken) : Result<LammpsLoading, AniSoapError> =
        let words = HashSet<string>()

        let take (line: string) =
            // Packages stand alone in lines of capitals; names of styles are in small letters.
            for word in line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries) do
                words.Add word |> ignore

        run lammps cancellation Environment.CurrentDirectory [ "-h" ] take
        |> Result.bind (fun () ->
            if not (words.Contains "ASPHERE") then
                Error(
                    Missing(
                        "the package ASPHERE in " + List.last lammps.Command,
                        "ellipsoids need a LAMMPS that has it",
                        Place.Unknown
                    )
                )
            elif words.Contains "PLUGIN" then
                Ok LammpsLoading.Plugin
            elif words.Contains "PYTHON" then
                Ok LammpsLoading.Python
            else
                Error(
                    Missing(
                        "the package PLUGIN or PYTHON in " + List.last lammps.Command,
                        "by one of them LAMMPS takes the pair style",
                        Place.Unknown
                    )
                ))
