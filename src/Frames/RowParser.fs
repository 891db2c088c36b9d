/// One row of white-space separated fields: the fields that are needed go to their places, the others are passed over
/// without being parsed.
module internal AniSoap.RowParser

open System

[<Literal>]
let private Skipped = -1

[<Literal>]
let private SpeciesField = -2

/// What becomes of the fields of a row.
type RowPlan = {
    /// For each field up to the last that is needed: its place in the row of numbers, or one of the marks above.
    Places: int[]
    /// How many fields a row has.
    FieldCount: int
    /// Whether more fields than that are passed over (a file that does not say its columns).
    MayHaveMore: bool
}

/// The plan that reads the species of a field and numbers, each from a field to its place in the row of numbers.
let planAt fieldCount mayHaveMore species (numbers: (int * int) seq) =
    let last = Seq.fold (fun last (field, _) -> max last field) (Option.defaultValue -1 species) numbers
    let places = Array.create (last + 1) Skipped
    species |> Option.iter (fun field -> places[field] <- SpeciesField)

    for field, place in numbers do
        places[field] <- place

    { Places = places; FieldCount = fieldCount; MayHaveMore = mayHaveMore }

let private planOf fieldCount mayHaveMore species (numberFields: int[]) =
    numberFields
    |> Seq.mapi (fun place field -> field, place)
    |> planAt fieldCount mayHaveMore species

/// The plan that reads what a layout needs.
let plan (layout: ParticleLayout) fieldCount mayHaveMore =
    planOf fieldCount mayHaveMore layout.Species layout.NumberFields

/// The plan that reads species alone.
let speciesPlan (layout: ParticleLayout) fieldCount = planOf fieldCount true layout.Species [||]

/// The index of the next byte that is not white space, or `finish`.
let inline private skipSpace (buffer: byte[]) (finish: int) start =
    let mutable p = start

    while p < finish && buffer[p] <= 32uy do
        p <- p + 1

    p

/// The index behind the token at `start`: a byte of white space stands behind every line.
let inline private skipToken (buffer: byte[]) start =
    let mutable p = start

    while buffer[p] > 32uy do
        p <- p + 1

    p

/// Reads the line into the next row of `rows`. False where it does not follow the plan; `explain` says why.
let tryRead (plan: RowPlan) (names: SpeciesNames) (line: LineReader) (rows: ParticleRows) =
    rows.Reserve()
    let buffer, finish = line.Buffer, line.End
    let places = plan.Places
    let numbers, row = rows.Numbers, rows.Count * rows.Stride
    let mutable p = skipSpace buffer finish line.Start
    let mutable field = 0
    let mutable good = true
    let mutable number = 0.0
    let mutable species = 0

    while good && field < places.Length do
        let place = places[field]

        if p >= finish then
            good <- false
        elif place >= 0 then
            p <- DecimalNumber.parse buffer p &number

            if p < 0 then
                good <- false
            else
                numbers[row + place] <- number
        else
            let start = p
            p <- skipToken buffer p

            if place = SpeciesField then
                good <- names.TryNumber(buffer, start, p, &species)

        if good then
            p <- skipSpace buffer finish p
            field <- field + 1

    if good && not plan.MayHaveMore then
        while p < finish do
            p <- skipSpace buffer finish (skipToken buffer p)
            field <- field + 1

        good <- field = plan.FieldCount

    if good then
        rows.Species[rows.Count] <- species
        rows.Add()

    good

/// The words of a line: white space is ASCII's alone, as for `tryRead`.
let splitWords (line: string) =
    line.Split([| ' '; '\t'; '\n'; '\r'; '\v'; '\f' |], StringSplitOptions.RemoveEmptyEntries)

/// Why `tryRead` refused the line: its number of fields, a name without a number, or a word where a number stands.
let explain (plan: RowPlan) (names: SpeciesNames) (line: LineReader) (fieldNames: string list) =
    let tokens = splitWords line.Text

    if
        tokens.Length < plan.FieldCount
        || (tokens.Length > plan.FieldCount && not plan.MayHaveMore)
    then
        let columns = String.concat " " fieldNames

        Malformed(
            $"a row of {string tokens.Length} columns",
            $"{string plan.FieldCount} columns ({columns})",
            Place.Unknown
        )
    else
        let problem field place =
            if place = SpeciesField then
                names.Explain tokens[field]
            elif place >= 0 && (DecimalNumber.tryParse tokens[field]).IsNone then
                Some(
                    Malformed(
                        $"'{tokens[field]}'",
                        ("a number in column " + string (field + 1) + " (" + fieldNames[field] + ")"),
                        Place.Unknown
                    )
                )
            else
                None

        Seq.mapi problem plan.Places
        |> Seq.tryPick id
        |> Option.defaultValue (Malformed("a row that cannot be read", "columns apart by white space", Place.Unknown))
