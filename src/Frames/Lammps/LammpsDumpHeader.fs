namespace AniSoap

open System

/// What stands before the rows of a frame of a dump.
[<NoComparison>]
type internal LammpsDumpHeader = {
    Step: int64
    Time: float option
    /// The unit system, where this frame or one before names it.
    Units: string option
    Count: int
    Box: LammpsBox
    /// The names of the columns, as written.
    Columns: string
}

/// Reads headers: items `ITEM: NAME` with their lines, up to the columns of the rows.
[<Sealed>]
type internal LammpsDumpHeaders(lines: LineReader) =
    let mutable units = None

    let shown (text: string) =
        if text.Length > 60 then
            text.Substring(0, 60) + "…"
        else
            text

    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))

    let next expected =
        if lines.ReadLine() then
            Ok(lines.Text.Trim())
        else
            let place = { Place.Unknown with Line = Some(lines.Number + 1L) }
            Error(Malformed("the end of the file", expected, place))

    let whole what (text: string) =
        match WholeNumber.tryLong text with
        | true, value -> Ok value
        | false, _ -> malformed $"'{shown text}'" what

    let count text =
        whole "the number of particles" text
        |> Result.bind (fun value ->
            if value < 0L || value > int64 Int32.MaxValue then
                malformed $"{string value} particles" $"a number of particles from 0 to {string Int32.MaxValue}"
            else
                Ok(int value))

    let numbers expected count =
        next expected
        |> Result.bind (fun text ->
            let values = RowParser.splitWords text |> Array.map DecimalNumber.tryParse

            if values.Length = count && values |> Array.forall (Option.exists Double.IsFinite) then
                Ok(Array.map Option.get values)
            else
                malformed $"'{shown text}'" expected)

    let threeLines expected count =
        let line () = numbers expected count

        line ()
        |> Result.bind (fun a -> line () |> Result.bind (fun b -> line () |> Result.map (fun c -> a, b, c)))

    let boundary words (make: string list -> Periodicity -> Result<LammpsBox, AniSoapError>) =
        match LammpsBox.tryBoundary words with
        | Some(found, periodicity) -> make found periodicity
        | None ->
            malformed
                ("the boundaries '" + (shown (String.concat " " words)) + "'")
                "pp, ff, ss, fs, … for each of the three axes"

    let box (words: string list) =
        match words with
        | "abc" :: "origin" :: flags ->
            boundary flags (fun found periodicity ->
                threeLines "a box vector and a component of the origin" 4
                |> Result.bind (fun (a, b, c) ->
                    let row (v: float[]) = Vector3.create v[0] v[1] v[2]
                    let origin = Vector3.create a[3] b[3] c[3]
                    LammpsBox.general (Matrix3.ofRows (row a) (row b) (row c)) origin found periodicity))
        | "xy" :: "xz" :: "yz" :: flags ->
            boundary flags (fun found periodicity ->
                threeLines "a lower bound, an upper bound and a tilt" 3
                |> Result.map (fun (x, y, z) ->
                    let low, high = Vector3.create x[0] y[0] z[0], Vector3.create x[1] y[1] z[1]
                    LammpsBox.ofBounds low high (x[2], y[2], z[2]) found periodicity))
        | flags ->
            boundary flags (fun found periodicity ->
                threeLines "a lower and an upper bound" 2
                |> Result.map (fun (x, y, z) ->
                    let low, high = Vector3.create x[0] y[0] z[0], Vector3.create x[1] y[1] z[1]
                    LammpsBox.restricted low high (0.0, 0.0, 0.0) found periodicity))

    let complete step time count box columns =
        match step, count, box with
        | Some step, Some count, Some box ->
            Ok { Step = step; Time = time; Units = units; Count = count; Box = box; Columns = columns }
        | None, _, _ -> malformed "the rows of a frame" "ITEM: TIMESTEP before them"
        | _, None, _ -> malformed "the rows of a frame" "ITEM: NUMBER OF ATOMS before them"
        | _, _, None -> malformed "the rows of a frame" "ITEM: BOX BOUNDS before them"

    [<Literal>]
    let Item = "ITEM: "

    [<Literal>]
    let Atoms = "ITEM: ATOMS"

    [<Literal>]
    let Bounds = "ITEM: BOX BOUNDS"

    let rec items step time count' box' =
        next "the next item of the frame (ITEM: …)"
        |> Result.bind (fun text ->
            match text with
            | "ITEM: TIMESTEP" ->
                next "the step"
                |> Result.bind (whole "the step, a whole number")
                |> Result.bind (fun step -> items (Some step) time count' box')
            | "ITEM: TIME" ->
                numbers "the time, a number" 1
                |> Result.bind (fun values -> items step (Some values[0]) count' box')
            | "ITEM: UNITS" ->
                next "the name of the units"
                |> Result.bind (fun name ->
                    units <- Some name
                    items step time count' box')
            | "ITEM: NUMBER OF ATOMS" ->
                next "the number of particles"
                |> Result.bind count
                |> Result.bind (fun found -> items step time (Some found) box')
            | _ when text.StartsWith(Bounds, StringComparison.Ordinal) ->
                RowParser.splitWords (text.Substring Bounds.Length)
                |> Array.toList
                |> box
                |> Result.bind (fun found -> items step time count' (Some found))
            | _ when text = Atoms || text.StartsWith(Atoms + " ", StringComparison.Ordinal) ->
                complete step time count' box' (text.Substring Atoms.Length)
            | _ ->
                malformed
                    $"'{shown text}'"
                    $"{Item}TIMESTEP, TIME, UNITS, NUMBER OF ATOMS, BOX BOUNDS or ATOMS: a dump of style custom or atom")

    /// The next header; nothing at the end of the file. Blank lines before it mean nothing.
    member _.Next() : Result<LammpsDumpHeader voption, AniSoapError> =
        let mutable found = lines.ReadLine()

        while found && lines.IsBlank do
            found <- lines.ReadLine()

        if not found then
            Ok ValueNone
        else
            let first = lines.Text.Trim()

            // The loop begins with the next line: the first item is dealt with here.
            match first with
            | "ITEM: TIMESTEP" ->
                next "the step"
                |> Result.bind (whole "the step, a whole number")
                |> Result.bind (fun step -> items (Some step) None None None)
            | "ITEM: UNITS" ->
                next "the name of the units"
                |> Result.bind (fun name ->
                    units <- Some name
                    items None None None None)
            | "ITEM: TIME" ->
                numbers "the time, a number" 1
                |> Result.bind (fun values -> items None (Some values[0]) None None)
            | _ -> malformed $"'{shown first}'" "ITEM: TIMESTEP, the beginning of a frame of a dump"
            |> Result.map ValueSome
