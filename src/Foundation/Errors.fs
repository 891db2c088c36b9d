namespace AniSoap

/// Where in the input something was found: as much as is known of file, line, frame and particle.
/// Lines are counted from 1 (as editors do), frames and particles from 0 (as the program's output does).
type Place = {
    /// What was read: a file or "standard input".
    Source: string option
    /// The line, counted from 1.
    Line: int64 option
    /// The frame, counted from 0.
    Frame: int option
    /// The particle, counted from 0.
    Particle: int option
} with

    /// A place of which nothing is known yet: readers fill it in on the way out.
    static member Unknown = { Source = None; Line = None; Frame = None; Particle = None }

/// Why something cannot be done. Every case carries what a person needs to mend it.
type AniSoapError =
    /// A parameter or a value in the input that cannot work: its name, the value as given, and what is accepted.
    | InvalidValue of parameter: string * value: string * accepted: string * place: Place
    /// Text that does not follow its format: what was found, and what is expected there.
    | Malformed of found: string * expected: string * place: Place
    /// Something that must be there and is not: what is missing and how to supply it.
    | Missing of what: string * remedy: string * place: Place
    /// A file that cannot be opened, read or written, with the system's reason.
    | Inaccessible of path: string * reason: string

/// Errors: where they happened, and their text.
module AniSoapError =
    /// Where it happened: as much as is known.
    let place error =
        match error with
        | InvalidValue(place = place)
        | Malformed(place = place)
        | Missing(place = place) -> place
        | Inaccessible(path, _) -> { Place.Unknown with Source = Some path }

    /// The error with another place; a file that cannot be opened is a place of its own.
    let withPlace (change: Place -> Place) error =
        match error with
        | InvalidValue(parameter, value, accepted, place) -> InvalidValue(parameter, value, accepted, change place)
        | Malformed(found, expected, place) -> Malformed(found, expected, change place)
        | Missing(what, remedy, place) -> Missing(what, remedy, change place)
        | Inaccessible _ -> error

    /// The error with `known` filled in wherever its own place says nothing.
    let at (known: Place) error =
        error
        |> withPlace (fun place -> {
            Source = place.Source |> Option.orElse known.Source
            // Readers know the line they are at, which is none before the first.
            Line = place.Line |> Option.orElse known.Line |> Option.filter (fun line -> line > 0L)
            Frame = place.Frame |> Option.orElse known.Frame
            Particle = place.Particle |> Option.orElse known.Particle
        })

    /// Where, as the beginning of a line: nothing where nothing is known.
    let internal prefix place =
        let parts = [
            yield! place.Source |> Option.toList
            yield! place.Line |> Option.map (fun line -> "line " + string line) |> Option.toList
            yield!
                place.Frame
                |> Option.map (fun frame -> "frame " + string frame)
                |> Option.toList
            yield!
                place.Particle
                |> Option.map (fun particle -> "particle " + string particle)
                |> Option.toList
        ]

        if parts.IsEmpty then
            ""
        else
            String.concat ", " parts + ": "

    /// One sentence on one line: where, what, and what is accepted.
    let describe error =
        let sentence =
            match error with
            | InvalidValue(parameter, value, accepted, place) ->
                (prefix place
                 + parameter
                 + " = "
                 + value
                 + " cannot be used; accepted: "
                 + accepted)
            | Malformed(found, expected, place) -> prefix place + "found " + found + "; expected: " + expected
            | Missing(what, remedy, place) -> $"{prefix place}{what} is missing; {remedy}"
            | Inaccessible(path, reason) -> $"{path}: {reason}"

        // Names in files may hold anything; a line of text holds no controls.
        if sentence |> Seq.exists System.Char.IsControl then
            sentence
            |> Seq.map (fun letter ->
                match letter with
                | '\r' -> "\\r"
                | '\n' -> "\\n"
                | '\t' -> "\\t"
                | _ when System.Char.IsControl letter -> "\\u" + (int letter).ToString "x4"
                | _ -> string letter)
            |> String.concat ""
        else
            sentence

    /// A value that cannot work: the parameter, the value as text, and what is accepted.
    let invalid (parameter: string) (value: obj) (accepted: string) : AniSoapError =
        let text = System.String.Format(System.Globalization.CultureInfo.InvariantCulture, "{0}", value)
        InvalidValue(parameter, text, accepted, Place.Unknown)

    /// Why the system refused to open, read or write a file, in words that hold on every system: its own name temporary files and
    /// stages of its work.
    let systemReason (thrown: exn) : string = SystemReason.ofFile thrown
