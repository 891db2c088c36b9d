namespace AniSoap

open System
open System.Collections
open System.Collections.Generic
open System.Collections.Immutable
open AniSoap.Display

/// One entry of `Labels`: the values of all its dimensions, by number or by name.
[<Struct; CustomEquality; NoComparison>]
type LabelsRow internal (names: ImmutableArray<string>, values: int[], position: int) =
    /// The row's number in its labels, from 0.
    member _.Position = position

    /// The names of the dimensions.
    member _.Names = names

    /// The value in a dimension, by its number.
    member _.Item
        with get (dimension: int) = values[position * names.Length + dimension]

    /// The value in a dimension, by its name. A name that the labels have not got is the caller's mistake and throws.
    member row.Item
        with get (name: string) =
            match names.IndexOf name with
            | -1 -> raise (KeyNotFoundException $"no dimension is called {name}")
            | dimension -> row[dimension]

    /// All values, in the order of the names.
    member _.Values = ReadOnlySpan(values, position * names.Length, names.Length)

    override row.Equals other =
        match other with
        | :? LabelsRow as other ->
            row.Names.AsSpan().SequenceEqual(other.Names.AsSpan())
            && row.Values.SequenceEqual other.Values
        | _ -> false

    override row.GetHashCode() =
        let mutable hash = HashCode()

        for value in row.Values do
            hash.Add value

        hash.ToHashCode()

    override row.ToString() =
        let values = row.Values.ToArray()

        Seq.map2 (fun name (value: int) -> name + "=" + string value) row.Names values
        |> String.concat ", "

/// Names for the entries along one axis of an array: rows of integers, all different, in named dimensions.
/// Immutable; a row is found through a hash index that is built when the first one is asked for.
[<Sealed; NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
[<TypeFormatterSource(typeof<DisplaySource>)>]
type Labels internal (names: ImmutableArray<string>, values: int[]) =
    let count = values.Length / names.Length
    let index = lazy (let struct (index, _) = RowIndex.Build(values, names.Length) in index)

    /// The names of the dimensions.
    member _.Names = names

    /// The number of dimensions, at least one.
    member _.Size = names.Length

    /// The number of rows.
    member _.Count = count

    /// All values, row after row.
    member _.Values = ReadOnlySpan values

    /// One row.
    member _.Item
        with get position =
            if uint position >= uint count then
                raise (ArgumentOutOfRangeException(nameof position, position, ("there are " + string count + " rows")))

            LabelsRow(names, values, position)

    /// The number of the row with these values, or −1.
    member _.Position(row: ReadOnlySpan<int>) = index.Value.Find row

    /// Whether there is a row with these values.
    member labels.Contains(row: ReadOnlySpan<int>) = labels.Position row >= 0

    /// The number of the dimension with this name, or −1.
    member _.Dimension(name: string) = names.IndexOf name

    member internal _.Raw = values

    interface IReadOnlyList<LabelsRow> with
        member _.Count = count

        member labels.Item
            with get position = labels[position]

        member _.GetEnumerator() : IEnumerator<LabelsRow> =
            (Seq.init count (fun position -> LabelsRow(names, values, position))).GetEnumerator()

        member labels.GetEnumerator() : IEnumerator = (labels :> IEnumerable<LabelsRow>).GetEnumerator()

    /// Same names and same rows, both in the same order.
    override _.Equals other =
        match other with
        | :? Labels as other ->
            names.AsSpan().SequenceEqual(other.Names.AsSpan())
            && ReadOnlySpan(values).SequenceEqual other.Values
        | _ -> false

    override labels.GetHashCode() =
        if count = 0 then
            names.Length
        else
            HashCode.Combine(names.Length, count, labels[0].GetHashCode(), labels[count - 1].GetHashCode())

    /// The number of rows, and the names.
    override _.ToString() = let names = String.concat ", " names in (string count + " × (" + names + ")")

    member internal labels.Shown =
        DisplayTable.create (string labels) ("#" :: List.ofSeq names) count (fun row ->
            string row
            :: [ for d in 0 .. names.Length - 1 -> string values[row * names.Length + d] ])

    member internal labels.Display = DisplayTable.toText labels.Shown

    interface IDisplayed with
        member labels.ToHtml() = DisplayTable.toHtml labels.Shown

/// Labels: made, searched, and combined as sets.
module Labels =
    let private isIdentifier (name: string) =
        not (String.IsNullOrEmpty name)
        && not (Char.IsAsciiDigit name[0])
        && name |> Seq.forall (fun c -> c = '_' || Char.IsAsciiLetterOrDigit c)

    /// Rows in strictly ascending order all differ: the usual case, and it needs no index.
    let private ascending width (values: int[]) =
        let mutable sorted = true
        let mutable i = width

        while sorted && i < values.Length do
            sorted <- ReadOnlySpan(values, i - width, width).SequenceCompareTo(ReadOnlySpan(values, i, width)) < 0
            i <- i + width

        sorted

    let private firstRepeated width (values: int[]) =
        if ascending width values then
            -1
        else
            let struct (_, repeated) = RowIndex.Build(values, width)
            repeated

    /// The names, if they can name dimensions: at least one, identifiers ([A-Za-z_][A-Za-z0-9_]*), all different.
    let internal checkNames (names: string seq) : Result<ImmutableArray<string>, AniSoapError> =
        let names = ImmutableArray.CreateRange names
        let show = String.concat ", " names

        if names.IsEmpty then
            Error(AniSoapError.invalid "label names" "none" "at least one name")
        else
            match names |> Seq.tryFind (isIdentifier >> not) with
            | Some name ->
                Error(AniSoapError.invalid "label name" $"'{name}'" "letters, digits and _, not starting with a digit")
            | None when (Seq.distinct names |> Seq.length) < names.Length ->
                Error(AniSoapError.invalid "label names" show "names that all differ")
            | None -> Ok names

    /// Takes the array without copying it; the caller keeps no reference.
    let ofOwned (names: string seq) (values: int[]) : Result<Labels, AniSoapError> =
        checkNames names
        |> Result.bind (fun names ->
            let width = names.Length
            let show = String.concat ", " names

            if values.Length % width <> 0 then
                Error(
                    AniSoapError.invalid
                        "number of label values"
                        values.Length
                        ("a multiple of " + string width + ": " + show)
                )
            else
                match firstRepeated width values with
                | -1 -> Ok(Labels(names, values))
                | repeated ->
                    let row = LabelsRow(names, values, repeated)

                    Error(
                        AniSoapError.invalid ("label row " + string repeated) $"({string row})" "rows that all differ"
                    ))

    /// Takes the array without copying and without checking it: for callers whose rows differ by construction.
    let internal trusted (names: ImmutableArray<string>) (values: int[]) = Labels(names, values)

    /// Labels from the values of all rows, one after another. Refuses no names, names that are not identifiers, names or
    /// rows that occur twice, and a number of values that does not fill whole rows.
    let ofValues (names: string seq) (values: int seq) : Result<Labels, AniSoapError> =
        ofOwned names (Seq.toArray values)

    /// Labels from rows. Refuses what `ofValues` refuses, and rows with more or fewer values than there are names.
    let create (names: string seq) (rows: int seq seq) : Result<Labels, AniSoapError> =
        let names = ImmutableArray.CreateRange names
        let rows = rows |> Seq.map Seq.toArray |> Seq.toArray

        match rows |> Array.tryFindIndex (fun row -> row.Length <> names.Length) with
        | Some position ->
            Error(
                AniSoapError.invalid
                    ("values in label row " + string position)
                    rows[position].Length
                    (string names.Length + ", one a name")
            )
        | None -> ofOwned names (Array.concat rows)

    /// One dimension that counts 0, 1, …, count − 1.
    let range (name: string) (count: int) : Result<Labels, AniSoapError> =
        if count < 0 then
            Error(AniSoapError.invalid "number of labels" count "zero or more")
        else
            ofOwned [ name ] (Array.init count id)

    /// The labels of something that is alone: one dimension `_` with the value 0.
    let single = Labels(ImmutableArray.Create "_", [| 0 |])

    /// The names of the dimensions.
    let names (labels: Labels) = labels.Names
    /// The number of rows.
    let count (labels: Labels) = labels.Count

    /// The number of the row with these values, if there is one.
    let position (row: int seq) (labels: Labels) : int option =
        let row = Seq.toArray row

        match labels.Position(ReadOnlySpan row) with
        | -1 -> None
        | found -> Some found

    /// Whether there is a row with these values.
    let contains row labels = (position row labels).IsSome

    let internal dimension (name: string) (labels: Labels) : Result<int, AniSoapError> =
        match labels.Dimension name with
        | -1 -> Error(AniSoapError.invalid "label name" name (String.concat ", " labels.Names))
        | found -> Ok found

    /// All values in one dimension; an unknown name is an error that lists the known ones.
    let column (name: string) (labels: Labels) : Result<ImmutableArray<int>, AniSoapError> =
        dimension name labels
        |> Result.map (fun d ->
            ImmutableArray.CreateRange(Seq.init labels.Count (fun position -> labels.Raw[position * labels.Size + d])))

    /// The numbers of the rows that fulfil the predicate, ascending.
    let positionsWhere (predicate: LabelsRow -> bool) (labels: Labels) : int[] = [|
        for position in 0 .. labels.Count - 1 do
            if predicate labels[position] then
                position
    |]

    let internal takeUnchecked (positions: int[]) (labels: Labels) =
        let width = labels.Size
        let values = Array.zeroCreate (positions.Length * width)

        for i in 0 .. positions.Length - 1 do
            Array.Copy(labels.Raw, positions[i] * width, values, i * width, width)

        Labels(labels.Names, values)

    /// The rows with these numbers, in this order. Refuses numbers out of range and numbers given twice.
    let take (positions: int seq) (labels: Labels) : Result<Labels, AniSoapError> =
        let positions = Seq.toArray positions

        match positions |> Array.tryFind (fun p -> p < 0 || p >= labels.Count) with
        | Some position -> Error(AniSoapError.invalid "label position" position ("0 to " + string (labels.Count - 1)))
        | None when (Array.distinct positions).Length < positions.Length ->
            Error(
                AniSoapError.invalid
                    "label positions"
                    (String.Join(", ", positions |> Seq.map string))
                    "positions that all differ"
            )
        | None -> Ok(takeUnchecked positions labels)

    /// The rows that fulfil the predicate.
    let filter (predicate: LabelsRow -> bool) (labels: Labels) : Labels =
        takeUnchecked (positionsWhere predicate labels) labels

    /// The numbers of the rows that agree with some row of `selection` in all of its dimensions, which are some of the
    /// labels' own; ascending. A dimension that the labels have not got is an error.
    let select (selection: Labels) (labels: Labels) : Result<int[], AniSoapError> =
        let dimensions = selection.Names |> Seq.map (fun name -> labels.Dimension name) |> Seq.toArray

        match Array.IndexOf(dimensions, -1) with
        | -1 ->
            let row = Array.zeroCreate dimensions.Length

            labels
            |> positionsWhere (fun candidate ->
                for i in 0 .. row.Length - 1 do
                    row[i] <- candidate[dimensions[i]]

                selection.Contains(ReadOnlySpan row))
            |> Ok
        | unknown -> dimension selection.Names[unknown] labels |> Result.map (fun _ -> Array.empty)

    let private sameNames (first: Labels) (second: Labels) =
        if first.Names.AsSpan().SequenceEqual(second.Names.AsSpan()) then
            Ok()
        else
            let show (labels: Labels) = String.concat ", " labels.Names
            Error(AniSoapError.invalid "label names" (show second) (show first))

    /// All rows of the first, then those of the second that the first has not got. The names must be the same.
    let union (first: Labels) (second: Labels) : Result<Labels, AniSoapError> =
        sameNames first second
        |> Result.map (fun () ->
            let added = second |> filter (fun row -> not (first.Contains row.Values))
            Labels(first.Names, Array.append first.Raw added.Raw))

    /// The rows of the first that the second has too. The names must be the same.
    let intersection (first: Labels) (second: Labels) : Result<Labels, AniSoapError> =
        sameNames first second
        |> Result.map (fun () -> first |> filter (fun row -> second.Contains row.Values))

    /// The rows of the first that the second has not got. The names must be the same.
    let difference (first: Labels) (second: Labels) : Result<Labels, AniSoapError> =
        sameNames first second
        |> Result.map (fun () -> first |> filter (fun row -> not (second.Contains row.Values)))

    /// The numbers of all rows in lexicographic order of their values.
    let internal sortedPositions (labels: Labels) =
        let positions = Array.init labels.Count id

        if not (ascending labels.Size labels.Raw) then
            Array.sortInPlaceWith
                (fun (a: int) (b: int) -> labels[a].Values.SequenceCompareTo(labels[b].Values))
                positions

        positions

    /// The rows in lexicographic order of their values.
    let sort (labels: Labels) : Labels = takeUnchecked (sortedPositions labels) labels
