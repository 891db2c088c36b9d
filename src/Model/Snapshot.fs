namespace AniSoap

open System.Collections.Immutable

/// The entries of a column, particle after particle, and within a particle component after component.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type ColumnValues =
    /// Real numbers.
    | Reals of ImmutableArray<float>
    /// Whole numbers.
    | Integers of ImmutableArray<int64>
    /// Truth values.
    | Logicals of ImmutableArray<bool>
    /// Words.
    | Texts of ImmutableArray<string>

    /// The number of entries, all components of all particles; −1 for an array that was never made.
    member values.Length =
        match values with
        | Reals all -> if all.IsDefault then -1 else all.Length
        | Integers all -> if all.IsDefault then -1 else all.Length
        | Logicals all -> if all.IsDefault then -1 else all.Length
        | Texts all -> if all.IsDefault then -1 else all.Length

/// A quantity that every particle has, under a name: one or several components a particle, as its width says.
[<NoEquality; NoComparison>]
type ParticleColumn = private {
    name: string
    width: int
    values: ColumnValues
} with

    /// The column's name, as the library spells it (`Quantities`) or as the file does.
    member column.Name = column.name

    /// The number of components of a particle: 1 for charges, 3 for forces.
    member column.Width = column.width

    /// Particles × width entries, the particle's number slowest.
    member column.Values = column.values

    /// The number of particles.
    member column.Rows = column.values.Length / column.width

/// Columns of numbers, truth values or texts, with a row a particle.
module ParticleColumn =
    /// A column. Refuses an empty name, a width below 1, and values that do not come out even.
    let create (name: string) (width: int) (values: ColumnValues) : Result<ParticleColumn, AniSoapError> =
        if System.String.IsNullOrWhiteSpace name then
            Error(AniSoapError.invalid "name of a column" $"'{name}'" "a name that is not blank")
        elif width < 1 then
            Error(AniSoapError.invalid $"width of the column {name}" width "a whole number above zero")
        elif values.Length < 0 || values.Length % width <> 0 then
            Error(
                AniSoapError.invalid
                    $"values of the column {name}"
                    values.Length
                    ("particles × " + string width + " values, particle after particle")
            )
        else
            Ok { name = name; width = width; values = values }

    /// The same column under another name.
    let internal rename name (column: ParticleColumn) = { column with name = name }

    /// The same column with other values, as many.
    let internal replace (values: ColumnValues) (column: ParticleColumn) = { column with values = values }

/// How a file stored what a snapshot holds: for a writer of the same format, which stores it so again. It says nothing
/// about the frame.
[<NoEquality; NoComparison>]
type internal Storage = {
    /// Whether positions are in double precision, in a format that mostly has single.
    IsDouble: bool
    /// The names in the info whose texts are of the format's type for characters, where it has texts in two ways.
    Characters: Set<string>
} with

    /// As the format mostly does.
    static member Usual = { IsDouble = false; Characters = Set.empty }

/// A frame with all that its file says about it beyond particles and cell: what a conversion carries along. Computing
/// features needs none of it. Names of common quantities are in `Quantities`.
[<NoEquality; NoComparison>]
type Snapshot = private {
    frame: Frame
    speciesNames: Map<int, string>
    step: int64 option
    info: (string * InfoValue) list
    columns: ParticleColumn list
    storage: Storage
} with

    /// The particles and the cell.
    member snapshot.Frame = snapshot.frame

    /// What the file calls its species, where it has names for them: `H`, `A`, …
    member snapshot.SpeciesNames = snapshot.speciesNames

    /// The simulation's step.
    member snapshot.Step = snapshot.step

    /// What belongs to the whole frame, in the order of the file; no name twice.
    member snapshot.Info = snapshot.info

    /// What belongs to the particles, in the order of the file: neither species nor positions, orientations and shapes,
    /// which are in the frame. No name twice; as many rows as the frame has particles.
    member snapshot.Columns = snapshot.columns

    member internal snapshot.Storage = snapshot.storage

/// Frames with all that a file says about them.
module Snapshot =
    /// A frame about which nothing more is known.
    let ofFrame (frame: Frame) : Snapshot = {
        frame = frame
        speciesNames = Map.empty
        step = None
        info = []
        columns = []
        storage = Storage.Usual
    }

    let private twice (names: string list) =
        names
        |> List.countBy id
        |> List.tryPick (fun (name, count) -> if count > 1 then Some name else None)

    /// A frame and what belongs to it. Refuses names that come twice and columns of another number of particles.
    let create
        (frame: Frame)
        (speciesNames: Map<int, string>)
        (step: int64 option)
        (info: (string * InfoValue) list)
        (columns: ParticleColumn list)
        : Result<Snapshot, AniSoapError> =
        let particles = frame.Particles.Length

        match
            columns
            |> List.tryFind (fun column -> column.Values.Length <> particles * column.Width)
        with
        | Some column ->
            Error(
                AniSoapError.invalid
                    $"particles of the column {column.Name}"
                    column.Rows
                    (string particles + ", as many as the frame has")
            )
        | None ->
            match columns |> List.map _.Name |> twice, info |> List.map fst |> twice with
            | Some name, _ -> Error(AniSoapError.invalid "columns" $"{name} twice" "each name once")
            | None, Some name -> Error(AniSoapError.invalid "info" $"{name} twice" "each name once")
            | None, None ->
                Ok {
                    frame = frame
                    speciesNames = speciesNames
                    step = step
                    info = info
                    columns = columns
                    storage = Storage.Usual
                }

    /// The same snapshot from a file that stored it so.
    let internal storedAs (storage: Storage) (snapshot: Snapshot) = { snapshot with storage = storage }

    /// The value of a name, if there is one.
    let tryInfo (name: string) (snapshot: Snapshot) =
        snapshot.info
        |> List.tryPick (fun (key, value) -> if key = name then Some value else None)

    /// The column of a name, if there is one.
    let tryColumn (name: string) (snapshot: Snapshot) =
        snapshot.columns |> List.tryFind (fun column -> column.name = name)
