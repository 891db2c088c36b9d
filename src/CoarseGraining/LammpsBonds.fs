namespace AniSoap

open System
open System.Collections.Generic

/// Bonds out of the topology of a LAMMPS data file.
module LammpsBonds =
    /// The bonds of the section Bonds by the ids of their atoms; none where there is no such section.
    let read (path: string) : Result<struct (int64 * int64)[], AniSoapError> =
        let bonds = List<struct (int64 * int64)>()

        let row (lines: LineReader) () =
            let words = RowParser.splitWords lines.Text

            let whole (text: string) =
                match WholeNumber.tryLong text with
                | true, id -> Some id
                | _ -> None

            match words |> Array.map whole with
            | [| Some _; _; Some first; Some second |] ->
                bonds.Add(struct (first, second))
                Ok()
            | _ when words.Length = 4 && (whole words[2]).IsSome && (whole words[3]).IsSome ->
                // The type may be a label.
                bonds.Add(struct ((whole words[2]).Value, (whole words[3]).Value))
                Ok()
            | _ ->
                Error(
                    Malformed(
                        $"'{lines.Text.Trim()}' under Bonds",
                        "a number, a type and the ids of two atoms",
                        Place.Unknown
                    )
                )

        let rec sections (data: LammpsDataLines) =
            if data.Ended then
                Ok()
            else
                let each =
                    if data.Section.Name = "Bonds" then
                        row data.Line
                    else
                        fun () -> Ok()

                data.Rows each |> Result.bind (fun () -> sections data)

        InputStream.guarded path (fun () ->
            InputStream.refuseFolder path
            |> Result.bind (fun () -> InputStream.openPath path)
            |> Result.bind (fun stream ->
                use lines = new LineReader(stream)
                let data = LammpsDataLines lines

                data.Header()
                |> Result.bind (fun _ -> sections data)
                |> Result.mapError (
                    AniSoapError.at {
                        Source = Some path
                        Line = Some(max 1L lines.Number)
                        Frame = None
                        Particle = None
                    }
                )
                |> Result.map bonds.ToArray))
