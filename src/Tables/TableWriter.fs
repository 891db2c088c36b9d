namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.IO
open AniSoap

/// Writes a table a row at a time, in memory that does not depend on the number of rows. The file appears when it is
/// completed; disposing of the writer without that leaves nothing. A format of its own says how a row is written and
/// what follows the last one; the rest is here: checks, the system's refusals as errors, and a file that appears whole
/// or not at all. After an error nothing can be completed.
[<AbstractClass>]
type TableWriter(layout: TableLayout, file: AtomicFile) =
    let columns = layout.Properties.Count
    let width = layout.SampleNames.Length
    let buffer = NpyData.newBuffer ()
    let spills = List<Spill>()
    let range = SingleRange()
    let pieces = RowPieces()
    // For formats that take only whole rows.
    let whole = WholeRow()
    let mutable rows = 0L
    let mutable failure = None

    /// Whether single precision, where it is wanted, holds a row.
    let fits (sample: ReadOnlySpan<int>) (values: ReadOnlySpan<float>) =
        if layout.Precision = Precision.Single then
            range.Add values
            let largest = Precision.vanishing values

            if largest > 0.0 then
                let numbers = sample.ToArray()

                let row =
                    layout.SampleNames
                    |> List.mapi (fun i name -> name + " " + string numbers[i])
                    |> String.concat ", "

                Error(Precision.tooSmall row largest)
            else
                Ok()
        else
            Ok()

    /// What the rows are.
    member _.Layout = layout

    /// The file that the rows are written to.
    member _.File = file

    /// The rows so far.
    member _.Rows = rows

    /// A place for what must wait until the rows are complete: a file beside the target that nobody sees. It is let go
    /// with the writer.
    member _.NewSpill() : Stream =
        let spill = new Spill(file.Path)
        spills.Add spill
        spill.Stream

    /// Writes a row's sample, or other whole numbers, as four bytes each, low byte first.
    member _.WriteIntegers(stream: Stream, values: ReadOnlySpan<int>) : unit = NpyData.writeIntegers stream values

    /// Writes a row's numbers in the layout's precision, low byte first. A number too large for a single is an error.
    member _.WriteNumbers(stream: Stream, values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        NpyData.writeFloats layout.Precision buffer stream values

    /// The same of a row of which columns are left out, with the zeros that stand there.
    member _.WriteNumbers(stream: Stream, row: inref<SparseRow>) : Result<unit, AniSoapError> =
        if row.IsDense then
            NpyData.writeFloats layout.Precision buffer stream row.Values
        else
            // The last number that is too large is the one that is told.
            let outcome = [| Ok() |]

            pieces.ForEach(
                row,
                RowPiece(fun _ values ->
                    match NpyData.writeFloats layout.Precision buffer stream values with
                    | Ok() -> ()
                    | error -> outcome[0] <- error)
            )

            outcome[0]

    /// Hands a row over piece by piece, zeros included, without its ever being made whole.
    member internal _.ForEachPiece(row: inref<SparseRow>, take: RowPiece) = pieces.ForEach(row, take)

    /// Writes one row, whose lengths have been checked.
    abstract Write: sample: ReadOnlySpan<int> * values: ReadOnlySpan<float> -> Result<unit, AniSoapError>

    /// Writes one row of which columns are left out: made whole and handed to `Write`, where a format does not know better.
    abstract WriteSparse: sample: ReadOnlySpan<int> * row: inref<SparseRow> -> Result<unit, AniSoapError>

    default writer.WriteSparse(sample, row) =
        let values = whole.Of row

        try
            writer.Write(sample, values)
        finally
            whole.LetGo row

    /// Writes what follows the last row.
    abstract Finish: unit -> Result<unit, AniSoapError>

    /// Lets go of what is only needed while writing.
    abstract Release: unit -> unit
    default _.Release() = ()

    /// Adds a row: its sample, a value for every sample name, and its values, one for every property. Another number of
    /// them is the caller's mistake and throws; what the system refuses (the disk is full) is an error.
    member writer.Append(sample: ReadOnlySpan<int>, values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        let row = SparseRow.Dense values
        writer.Append(sample, &row)

    /// The same of a row of which columns are left out: the file has zeros there.
    member writer.Append(sample: ReadOnlySpan<int>, row: inref<SparseRow>) : Result<unit, AniSoapError> =
        if sample.Length <> width || row.Length <> columns then
            invalidArg
                "values"
                ("a row has "
                 + string width
                 + " sample values and "
                 + string columns
                 + " values, not "
                 + string sample.Length
                 + " and "
                 + string row.Length)

        match failure with
        | Some error -> Error error
        | None ->
            let mutable written = Ok()

            try
                // Zeros are in the range of singles.
                match fits sample row.Values with
                | Ok() -> written <- writer.WriteSparse(sample, &row)
                | unfit -> written <- unfit
            with Files.Failure file.Path error ->
                written <- Error error

            match written with
            | Ok() -> rows <- rows + 1L
            | Error error -> failure <- Some error

            written

    /// Ends the file and gives it its name.
    member writer.Complete() : Result<unit, AniSoapError> =
        match failure with
        | Some error -> Error error
        | None ->
            Files.guard file.Path (fun () -> range.Check() |> Result.bind writer.Finish |> Result.bind file.Commit)

    /// Lets go of the file; nothing is left of it unless it was completed.
    member writer.Dispose() =
        try
            writer.Release()

            for spill in spills do
                (spill :> IDisposable).Dispose()
        finally
            file.Dispose()

    interface IDisposable with
        member writer.Dispose() = writer.Dispose()

    /// Starts a file and the writer of its rows; the file is gone again if the writer cannot be made.
    static member Start
        (
            existing: Existing,
            path: string,
            layout: TableLayout,
            make: Func<AtomicFile, Result<TableWriter, AniSoapError>>
        ) : Result<TableWriter, AniSoapError> =
        Labels.checkNames layout.SampleNames
        |> Result.bind (fun _ -> AtomicFile.Create(path, existing))
        |> Result.bind (fun file ->
            let made = Files.guard path (fun () -> make.Invoke file)

            if made.IsError then
                file.Dispose()

            made)
