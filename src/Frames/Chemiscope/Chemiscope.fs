namespace AniSoap

open System
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open AniSoap.Formats

/// Features together with the frames that they are of, as the JSON that chemiscope shows. Frames alone are written by
/// `FrameFile`.
module internal Chemiscope =
    /// Features wait as they came, row by row; in the file they stand column by column. So many bytes of columns are
    /// gathered in one pass over them.
    let private batchBytes = 1L <<< 25

    let private nameOf (property: LabelsRow) =
        Seq.map2 (fun name (value: int) -> name + "=" + string value) property.Names (property.Values.ToArray())
        |> String.concat " "

    [<Sealed>]
    type private Rows
        (layout: TableLayout, frames: unit -> Result<Snapshot, AniSoapError> seq, cutoff, lost, file: AtomicFile) =
        inherit TableWriter(layout, file)

        let columns = layout.Properties.Count
        let spill = new Spill(file.Path)
        let isOfParticles = layout.SampleNames.Length > 1

        let target =
            if isOfParticles then
                ChemiscopeTarget.Atom
            else
                ChemiscopeTarget.Structure

        /// Columns `first` up to `first + count`, one behind the other.
        member private _.Columns(rows: int, first: int, count: int) =
            let values = Array.zeroCreate<float>(rows * count)
            let row = Array.zeroCreate<float> columns
            spill.Stream.Position <- 0L

            for i in 0 .. rows - 1 do
                spill.Stream.ReadExactly(MemoryMarshal.AsBytes(Span<float> row))

                for j in 0 .. count - 1 do
                    values[j * rows + i] <- row[first + j]

            values

        member private writer.WriteFeatures(output: ChemiscopeWriter) =
            let rows = int writer.Rows
            let each = int (max 1L (min (int64 columns) (batchBytes / (8L * int64 (max 1 rows)))))
            let mutable first = 0

            while first < columns do
                let count = min each (columns - first)
                let values = writer.Columns(rows, first, count)

                for j in 0 .. count - 1 do
                    let name = nameOf layout.Properties[first + j]
                    output.WriteProperty(name, target, ReadOnlySpan(values, j * rows, rows))

                first <- first + count

        override _.Write(_, values) =
            spill.Stream.Write(MemoryMarshal.AsBytes values)
            Ok()

        override writer.Finish() =
            let stream: Stream =
                if file.Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) then
                    new GZipStream(file.Stream, CompressionLevel.Optimal, true)
                else
                    file.Stream

            use output = new ChemiscopeWriter(lost, file.Path, target, stream)
            use all = (frames ()).GetEnumerator()
            let mutable failure = None

            while failure.IsNone && all.MoveNext() do
                match all.Current |> Result.bind output.Write with
                | Ok() -> ()
                | Error error -> failure <- Some error

            let expected = if isOfParticles then output.Particles else output.Frames

            match failure with
            | Some error -> Error error
            | None when expected <> writer.Rows ->
                Error(AniSoapError.invalid "rows of features" writer.Rows ("one for each of " + string expected))
            | None ->
                output.WriteProperties(if isOfParticles then Some cutoff else None)
                writer.WriteFeatures output
                output.End(Some("anisoap", Metadata.toJson layout.Metadata))

                if not (obj.ReferenceEquals(stream, file.Stream)) then
                    stream.Dispose()

                Ok()

        override _.Release() = (spill :> IDisposable).Dispose()

    /// Starts a file that rows of features are written to, in the order of frames, or of particles where a sample is
    /// more than a frame. On completion `frames` is walked once, for exactly the frames that the
    /// rows are of; `cutoff` is how far a particle sees; `lost` is told what the format cannot hold of them. Columns
    /// become properties called by their labels, as in `l=0 n_1=0 n_2=1`; the metadata stand under `anisoap`. Memory does not depend on the number of rows.
    let rows
        (frames: unit -> Result<Snapshot, AniSoapError> seq)
        (cutoff: float)
        (lost: string -> unit)
        (existing: Existing)
        (path: string)
        (layout: TableLayout)
        : Result<TableWriter, AniSoapError> =
        TableWriter.Start(
            existing,
            path,
            layout,
            fun file -> Ok(new Rows(layout, frames, cutoff, Warnings.once lost, file))
        )
