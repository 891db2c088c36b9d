namespace AniSoap

open System

/// The three pairs that readers need of a comment line, as written; a text that comes again need not be understood
/// again.
[<Struct; NoComparison>]
type internal HeaderTexts = {
    Properties: WrittenValue
    Lattice: WrittenValue
    Periodicity: WrittenValue
    /// Where a quote or bracket opens that the line does not close, counted from 0; −1 where there is none.
    OpenAt: int
}

module internal ExtendedXyzHeader =
    /// Species and positions: the columns of a file that does not name them.
    let plainColumns = [
        { Name = "species"; Kind = ColumnKind.Text; Width = 1 }
        { Name = "pos"; Kind = ColumnKind.Real; Width = 3 }
    ]

    /// The column of species' numbers beside symbols, in frames where some particles are elements and others are not.
    [<Literal>]
    let SpeciesNumber = "species_number"

    let private sameKey (a: string) b = a.Equals(b, StringComparison.OrdinalIgnoreCase)
    let isProperties key = sameKey key "Properties"
    let isLattice key = sameKey key "Lattice"
    let isPeriodicity key = sameKey key "pbc"

    /// All pairs of a comment line, in order.
    let pairs (line: string) =
        let scanner = CommentScanner line

        List.unfold
            (fun () ->
                match scanner.Next() with
                | ValueSome struct (key, value) -> Some((key, value), ())
                | ValueNone -> None)
            ()

    /// The pairs that describe columns and cell.
    let texts (line: string) =
        let scanner = CommentScanner line
        let mutable texts = { Properties = NoValue; Lattice = NoValue; Periodicity = NoValue; OpenAt = -1 }
        let mutable next = scanner.Next()

        while next.IsSome do
            let struct (key, value) = next.Value

            if isProperties key then
                texts <- { texts with Properties = value }
            elif isLattice key then
                texts <- { texts with Lattice = value }
            elif isPeriodicity key then
                // A bare `pbc` says yes.
                texts <- { texts with Periodicity = if value = NoValue then Word "T" else value }

            next <- scanner.Next()

        { texts with OpenAt = scanner.OpenAt }

    let private kindOf letter =
        match letter with
        | "R" -> Some ColumnKind.Real
        | "I" -> Some ColumnKind.Integer
        | "L" -> Some ColumnKind.Logical
        | "S" -> Some ColumnKind.Text
        | _ -> None

    [<Literal>]
    let private PropertiesAccepted = "name:type:count for each column, type R, I, L or S, count at least 1"

    let private column (part: string[]) =
        match part with
        | [| name; letter; count |] when name <> "" ->
            match kindOf letter, Int32.TryParse count with
            | Some kind, (true, width) when width >= 1 && width <= 100000 ->
                Ok { Name = name; Kind = kind; Width = width }
            | _ -> Error(AniSoapError.invalid "Properties" (String.concat ":" part) PropertiesAccepted)
        | _ -> Error(AniSoapError.invalid "Properties" (String.concat ":" part) PropertiesAccepted)

    let private columnsOf (text: string) =
        text.Split ':'
        |> Array.chunkBySize 3
        |> Result.traverse column
        |> Result.bind (fun columns ->
            match columns |> Array.countBy _.Name |> Array.tryFind (fun (_, count) -> count > 1) with
            | Some(name, count) ->
                Error(AniSoapError.invalid "Properties" $"{string count} columns {name}" "each name once")
            | None -> Ok(List.ofArray columns))

    /// Whether Properties stand within quotes: an open quote before them would make a plain file of it, and its columns
    /// would go unseen.
    let hidesProperties (comment: string) properties =
        properties = NoValue
        && comment.Contains("Properties=", StringComparison.OrdinalIgnoreCase)

    /// Refuses a line that ends within a quote or a bracket: what stands behind it would be lost. The comment of a plain
    /// file is free text, in which apostrophes are none of ours.
    let checkClosed (comment: string) (texts: HeaderTexts) : Result<unit, AniSoapError> =
        let isExtended =
            texts.Properties <> NoValue
            || texts.Lattice <> NoValue
            || texts.Periodicity <> NoValue
            || hidesProperties comment texts.Properties

        if texts.OpenAt >= 0 && isExtended then
            let column = texts.OpenAt + 1
            let mark = comment[texts.OpenAt]

            Error(
                Malformed(
                    $"a comment line that ends within the {string mark} that opens in column {string column}",
                    "every quote and bracket closed",
                    Place.Unknown
                )
            )
        else
            Ok()

    /// The columns that the comment line names, or those of a plain file.
    let columns (comment: string) properties =
        match properties with
        | _ when hidesProperties comment properties ->
            Error(Malformed("Properties within quotes", "every quote and bracket before it closed", Place.Unknown))
        | NoValue -> Ok plainColumns
        | Word text
        | Quoted text
        | Bracketed text -> columnsOf text

    [<Literal>]
    let private LatticeAccepted = "nine numbers: the cell vectors a, b, c one after another"

    let lattice value =
        match value with
        | NoValue -> Ok None
        | Word text
        | Quoted text
        | Bracketed text ->
            let numbers = ExtendedXyzValue.words value |> Array.map DecimalNumber.tryParse

            if numbers.Length = 9 && Array.forall Option.isSome numbers then
                let v = Array.map Option.get numbers
                let row i = Vector3.create v[i] v[i + 1] v[i + 2]
                Ok(Some(Matrix3.ofRows (row 0) (row 3) (row 6)))
            else
                Error(AniSoapError.invalid "Lattice" $"\"{text}\"" LatticeAccepted)

    let private flag text =
        match text with
        | "1" -> Some true
        | "0" -> Some false
        | other -> ExtendedXyzValue.tryLogical other

    let periodicity hasLattice value =
        match value with
        | NoValue -> Ok { A = hasLattice; B = hasLattice; C = hasLattice }
        | Word text
        | Quoted text
        | Bracketed text ->
            match ExtendedXyzValue.words value |> Array.map flag with
            | [| Some a; Some b; Some c |] -> Ok { A = a; B = b; C = c }
            | [| Some all |] -> Ok { A = all; B = all; C = all }
            | _ -> Error(AniSoapError.invalid "pbc" $"\"{text}\"" "T or F for each of the three cell vectors")

    /// The cell of a frame. A lattice of zeros is how programs write that there is none.
    let cell options texts =
        lattice texts.Lattice
        |> Result.bind (fun vectors ->
            periodicity vectors.IsSome texts.Periodicity
            |> Result.bind (fun periodicity ->
                let periodicity = InputOptions.periodicity options periodicity

                match vectors with
                | Some v -> Cell.create v.Row1 v.Row2 v.Row3 periodicity
                | None -> Cell.create Vector3.zero Vector3.zero Vector3.zero periodicity))

    /// The name of each field of a row, for messages.
    let fieldNames (columns: Column list) =
        columns
        |> List.collect (fun column ->
            if column.Width = 1 then
                [ column.Name ]
            else
                List.init column.Width (fun i -> column.Name + "[" + string (i + 1) + "]"))

/// What the pairs of a comment line say beside columns and cell.
[<NoEquality; NoComparison>]
type internal ExtendedXyzInfo = {
    Step: int64 option
    SpeciesNames: Map<int, string>
    /// All other pairs, in order; of a key that comes again the last value.
    Others: (string * InfoValue) list
}

module internal ExtendedXyzInfo =
    /// The key of the names of species, `"1=A 2=B"`.
    [<Literal>]
    let SpeciesNamesKey = "species_names"

    /// The key of the step; others write it otherwise.
    [<Literal>]
    let StepKey = "step"

    let private stepKeys = [ StepKey; "timestep"; "Timestep" ]

    let private isLayout key =
        ExtendedXyzHeader.isProperties key
        || ExtendedXyzHeader.isLattice key
        || ExtendedXyzHeader.isPeriodicity key

    /// The names in `1=A 2=B`, if that is what the text is.
    let private tryNames (text: string) =
        let pair (word: string) =
            match word.Split('=', 2) with
            | [| number; name |] when name <> "" ->
                match Int32.TryParse number with
                | true, value -> Some(value, name)
                | false, _ -> None
            | _ -> None

        let pairs = RowParser.splitWords text |> Array.map pair

        if pairs.Length > 0 && Array.forall Option.isSome pairs then
            Some(pairs |> Array.map Option.get |> Map.ofArray)
        else
            None

    let private lastOfEach (pairs: (string * InfoValue) list) =
        let last = Map.ofList pairs |> Map.map (fun _ value -> value)
        pairs |> List.map fst |> List.distinct |> List.map (fun key -> key, last[key])

    /// A plain file's comment is one text.
    let ofComment isExtended (comment: string) =
        if not isExtended then
            let others =
                if String.IsNullOrWhiteSpace comment then
                    []
                else
                    [ "comment", InfoValue.Text(comment.Trim()) ]

            { Step = None; SpeciesNames = Map.empty; Others = others }
        else
            let all =
                ExtendedXyzHeader.pairs comment
                |> List.filter (fun (key, _) -> key <> "" && not (isLayout key))
                |> List.map (fun (key, value) -> key, ExtendedXyzValue.ofWritten value)
                |> lastOfEach

            let step =
                all
                |> List.tryPick (fun (key, value) ->
                    match value with
                    | InfoValue.Integer step when List.contains key stepKeys -> Some(key, step)
                    | _ -> None)

            let names =
                all
                |> List.tryPick (fun (key, value) ->
                    match value with
                    | InfoValue.Text text when key = SpeciesNamesKey -> tryNames text
                    | _ -> None)

            {
                Step = Option.map snd step
                SpeciesNames = defaultArg names Map.empty
                Others =
                    all
                    |> List.filter (fun (key, _) ->
                        Some key <> Option.map fst step && not (key = SpeciesNamesKey && names.IsSome))
            }
