namespace AniSoap

open System
open System.Collections.Generic
open System.Globalization

/// The lines of extended XYZ frame by frame: the particle count, the comment, and as many rows; and where in the file
/// an error lies.
[<Sealed>]
type internal ExtendedXyzLines(source: string, lines: LineReader) =
    let place frame = { Source = Some source; Line = Some lines.Number; Frame = Some frame; Particle = None }

    /// The particle count of the next frame, −1 at the end of the file. Blank lines before it mean nothing.
    let readCount frame =
        let mutable found = lines.ReadLine()

        while found && lines.IsBlank do
            found <- lines.ReadLine()

        if not found then
            Ok -1
        else
            let text = lines.Text.Trim()

            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, count -> Ok count
            | false, _ ->
                let shown =
                    if text.Length > 60 then
                        text.Substring(0, 60) + "…"
                    else
                        text

                Error(Malformed($"'{shown}'", "the number of particles of the next frame", place frame))

    let readComment frame =
        if lines.ReadLine() then
            Ok lines.Text
        else
            let place = { place frame with Line = Some(lines.Number + 1L) }
            Error(Malformed("the end of the file", "a comment line", place))

    member _.Line = lines

    /// The error with file, line and frame filled in.
    member _.Locate frame error = AniSoapError.at (place frame) error

    /// Too few rows.
    member _.EndOfFile(frame, particle, count) =
        let place = { place frame with Line = Some(lines.Number + 1L); Particle = Some particle }

        Malformed(
            ("the end of the file after "
             + string particle
             + " of "
             + string count
             + " particles"),
            "a row for each particle",
            place
        )

    /// The count and the comment line of the next frame handed to `body`; `atEnd` at the end of the file. What the
    /// file system reports becomes an error.
    member frames.Next frame atEnd (body: int -> string -> Result<'a, AniSoapError>) =
        InputStream.guarded source (fun () ->
            match readCount frame with
            | Error error -> Error error
            | Ok -1 -> Ok atEnd
            | Ok count -> readComment frame |> Result.bind (body count))
        |> Result.mapError (frames.Locate frame)

    interface IDisposable with
        member _.Dispose() = (lines :> IDisposable).Dispose()
