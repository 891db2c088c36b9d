namespace AniSoap

open System
open System.IO

/// What the rows of a table of features are: the names of the integers that tell a row from others (`frame`,
/// `particle`, …), the labels of its columns, and what is written beside the numbers.
type RowLayout = {
    /// The names of a row's numbers.
    SampleNames: string list
    /// What the columns are.
    Properties: Labels
    /// Doubles or singles.
    Precision: Precision
    /// Texts by name. Where the format holds JSON, a text that is a JSON object or array stands in it as such.
    Metadata: Map<string, string>
}

/// Writes a table a row at a time, in memory that does not depend on the number of rows. The file appears when it is
/// completed; disposing of the writer without that leaves nothing.
type IRowWriter =
    inherit IDisposable

    /// Adds a row: its sample, a value for every sample name, and its values, one for every property. Another number of
    /// them is the caller's mistake and throws; what the system refuses (the disk is full) is an error.
    abstract Append: sample: ReadOnlySpan<int> * values: ReadOnlySpan<float> -> Result<unit, AniSoapError>

    /// Ends the file and gives it its name.
    abstract Complete: unit -> Result<unit, AniSoapError>

/// Data that must wait until other members of an archive are complete: a file in the target's folder that nobody sees,
/// and that is gone with the process.
[<Sealed>]
type internal Spill(target: string) =
    let stream = Temporary.createUnnamed target

    member _.Stream: Stream = stream

    /// Everything written so far, to another stream.
    member _.CopyTo(target: Stream) =
        stream.Position <- 0L
        stream.CopyTo(target, 1 <<< 20)

    interface IDisposable with
        member _.Dispose() = Files.abandon stream

/// What all row writers share: checks, the system's refusals as errors, and a file that appears whole or not at all.
/// After an error nothing can be completed.
[<AbstractClass>]
type internal RowFile(layout: RowLayout, file: AtomicFile) =
    let columns = layout.Properties.Count
    let width = layout.SampleNames.Length
    let range = SingleRange()
    let mutable rows = 0L
    let mutable failure = None

    /// The rows so far.
    member _.Rows = rows

    abstract Write: sample: ReadOnlySpan<int> * values: ReadOnlySpan<float> -> Result<unit, AniSoapError>

    /// Writes what follows the last row.
    abstract Finish: unit -> Result<unit, AniSoapError>

    /// Lets go of what is only needed while writing.
    abstract Release: unit -> unit
    default _.Release() = ()

    interface IRowWriter with
        member writer.Append(sample, values) =
            if sample.Length <> width || values.Length <> columns then
                invalidArg
                    (nameof values)
                    $"a row has {width} sample values and {columns} values, not {sample.Length} and {values.Length}"

            match failure with
            | Some error -> Error error
            | None ->
                if layout.Precision = Precision.Single then
                    range.Add values

                let written =
                    try
                        writer.Write(sample, values)
                    with Files.Failure file.Path error ->
                        Error error

                match written with
                | Ok() -> rows <- rows + 1L
                | Error error -> failure <- Some error

                written

        member writer.Complete() =
            match failure with
            | Some error -> Error error
            | None ->
                Files.guard file.Path (fun () -> range.Check() |> Result.bind writer.Finish |> Result.bind file.Commit)

    interface IDisposable with
        member writer.Dispose() =
            try
                writer.Release()
            finally
                file.Dispose()

module internal RowFile =
    /// Starts a file and the writer of its rows; the file is gone again if the writer cannot be made.
    let start replace path (layout: RowLayout) (make: AtomicFile -> RowFile) : Result<IRowWriter, AniSoapError> =
        Labels.checkNames layout.SampleNames
        |> Result.bind (fun _ -> AtomicFile.Create(path, replace))
        |> Result.bind (fun file ->
            let made = Files.guard path (fun () -> Ok(make file :> IRowWriter))

            if made.IsError then
                file.Dispose()

            made)
