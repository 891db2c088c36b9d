namespace AniSoap

open System
open System.Globalization

/// The header of a LAMMPS data file: counts and the box.
[<NoComparison>]
type internal LammpsDataHeader = {
    Title: string
    Atoms: int
    /// Particles with an entry under Ellipsoids.
    Ellipsoids: int
    Box: LammpsBox
}

/// A line that begins a section: `Atoms # ellipsoid` is the name Atoms and the hint `ellipsoid`.
type internal LammpsSection = { Name: string; Hint: string }

/// The lines of a data file: the header, then sections. Blank lines mean nothing, `#` begins a comment.
[<Sealed>]
type internal LammpsDataLines(lines: LineReader) =
    /// What stands in a header besides the counts that matter here.
    static let axisAccepted = "two numbers, xlo below xhi"

    let mutable ended = false
    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))

    let shown (text: string) =
        if text.Length > 60 then
            text.Substring(0, 60) + "…"
        else
            text

    let advance () =
        ended <- not (lines.ReadLine())
        not ended

    let withoutComment (text: string) =
        match text.IndexOf '#' with
        | -1 -> text.Trim()
        | mark -> text.Substring(0, mark).Trim()

    let count what (text: string) =
        match WholeNumber.tryLong text with
        | true, value when value >= 0L && value <= int64 Int32.MaxValue -> Ok(int value)
        | true, value ->
            malformed (string value + " " + what) ("a number of " + what + " from 0 to " + string Int32.MaxValue)
        | false, _ -> malformed ("'" + shown text + " " + what + "'") ("the number of " + what)

    let numbers (words: string[]) expected =
        let values = words |> Array.map DecimalNumber.tryParse

        if values |> Array.forall (Option.exists Double.IsFinite) then
            Ok(Array.map Option.get values)
        else
            malformed ("'" + (shown (String.concat " " words)) + "'") expected

    /// Sections begin with a letter, rows and lines of the header with a number.
    let isKeyword () =
        let line = ReadOnlySpan(lines.Buffer, lines.Start, lines.End - lines.Start)
        let first = line.IndexOfAnyExceptInRange(0uy, 32uy)
        first >= 0 && Char.IsAsciiLetter(char line[first])

    let axis low high words =
        numbers words (low + " and " + high + ": " + axisAccepted)
        |> Result.bind (fun v ->
            if v[0] < v[1] then
                Ok v
            else
                malformed
                    ((v[0].ToString CultureInfo.InvariantCulture)
                     + " "
                     + (v[1].ToString CultureInfo.InvariantCulture)
                     + " "
                     + low
                     + " "
                     + high)
                    (low + " and " + high + ": " + axisAccepted))

    /// The box from the numbers of its lines by their keywords.
    let box (found: Map<string, float[]>) =
        let vector name = found |> Map.tryFind name |> Option.map (fun v -> Vector3.create v[0] v[1] v[2])
        let boundary, periodicity = (LammpsBox.tryBoundary []).Value

        match vector "avec", vector "bvec", vector "cvec" with
        | Some a, Some b, Some c ->
            let origin = vector "origin" |> Option.defaultValue Vector3.zero

            // All of such a file is in the general frame: nothing needs turning.
            LammpsBox.general (Matrix3.ofRows a b c) origin boundary periodicity
            |> Result.map (fun box -> { box with Turn = ValueNone })
        | None, None, None ->
            // What is not there is LAMMPS's default box.
            let low, high =
                [ "x"; "y"; "z" ]
                |> List.map (fun name ->
                    match Map.tryFind name found with
                    | Some v -> v[0], v[1]
                    | None -> -0.5, 0.5)
                |> List.unzip

            let tilts =
                match Map.tryFind "tilt" found with
                | Some t -> t[0], t[1], t[2]
                | None -> 0.0, 0.0, 0.0

            let corner (v: float list) = Vector3.create v[0] v[1] v[2]
            Ok(LammpsBox.restricted (corner low) (corner high) tilts boundary periodicity)
        | _ -> malformed "a box of fewer than three vectors" "avec, bvec and cvec, each with three numbers"

    let headerLine (text: string) atoms ellipsoids found =
        let words = RowParser.splitWords text
        let box name values = values |> Result.map (fun v -> atoms, ellipsoids, Map.add name v found)

        match words with
        | [| n; "atoms" |] -> count "atoms" n |> Result.map (fun n -> Some n, ellipsoids, found)
        | [| n; "ellipsoids" |] -> count "ellipsoids" n |> Result.map (fun n -> atoms, n, found)
        | [| low; high; "xlo"; "xhi" |] -> axis "xlo" "xhi" [| low; high |] |> box "x"
        | [| low; high; "ylo"; "yhi" |] -> axis "ylo" "yhi" [| low; high |] |> box "y"
        | [| low; high; "zlo"; "zhi" |] -> axis "zlo" "zhi" [| low; high |] |> box "z"
        | [| xy; xz; yz; "xy"; "xz"; "yz" |] -> numbers [| xy; xz; yz |] "three tilts xy xz yz" |> box "tilt"
        | [| x; y; z; ("avec" | "bvec" | "cvec" as name) |] ->
            numbers [| x; y; z |] $"three numbers of {name}" |> box name
        | [| x; y; z; "abc"; "origin" |] -> numbers [| x; y; z |] "three numbers of abc origin" |> box "origin"
        | _ when words.Length >= 2 && (DecimalNumber.tryParse words[0]).IsSome ->
            // Other counts (bonds, types, …) do not matter.
            Ok(atoms, ellipsoids, found)
        | _ -> malformed $"'{shown text}'" "a line of the header: numbers and what they are (6 atoms, 0 10 xlo xhi)"

    let endOfFile expected =
        let place = { Place.Unknown with Line = Some(lines.Number + 1L) }
        Error(Malformed("the end of the file", expected, place))

    member _.Line = lines
    member _.Ended = ended

    /// Whether the current line begins a section.
    member _.IsSection = not ended && isKeyword ()

    /// The section that the current line begins.
    member _.Section =
        let text = lines.Text

        let hint =
            match text.IndexOf '#' with
            | -1 -> ""
            | mark -> text.Substring(mark + 1).Trim()

        { Name = withoutComment text; Hint = hint }

    /// The header; the current line is then the first section's.
    member _.Header() : Result<LammpsDataHeader, AniSoapError> =
        // The first line is a title, whatever it says.
        if not (advance ()) then
            malformed "an empty file" "a LAMMPS data file: a title, the header, then sections"
        else
            let title = lines.Text.Trim()
            let mutable atoms = None
            let mutable ellipsoids = 0
            let mutable found = Map.empty
            let mutable failure = None

            while failure.IsNone && advance () && not (isKeyword ()) do
                let text = withoutComment lines.Text

                if text <> "" then
                    match headerLine text atoms ellipsoids found with
                    | Ok(a, e, f) ->
                        atoms <- a
                        ellipsoids <- e
                        found <- f
                    | Error error -> failure <- Some error

            match failure, atoms with
            | Some error, _ -> Error error
            | None, _ when ended -> endOfFile "a section (Atoms)"
            | None, None -> malformed "a header without a number of atoms" "a line 'N atoms' before the first section"
            | None, Some atoms ->
                box found
                |> Result.map (fun box -> { Title = title; Atoms = atoms; Ellipsoids = ellipsoids; Box = box })

    /// The rows of a section, one at a time without their comments, up to the next section or the end of the file.
    member _.Rows(each: unit -> Result<unit, AniSoapError>) : Result<unit, AniSoapError> =
        let mutable failure = None

        while failure.IsNone && advance () && not (isKeyword ()) do
            lines.DropComment '#'B

            if not lines.IsBlank then
                match each () with
                | Ok() -> ()
                | Error error -> failure <- Some error

        match failure with
        | Some error -> Error error
        | None -> Ok()
