namespace AniSoap

open System
open System.Globalization
open System.IO
open System.Text

/// Tables of features as text: the metadata as JSON in a comment, a line of column names, a line a row. Numbers have as
/// many digits as it takes to read them back exactly.
module Csv =
    let private marker = "# "

    [<Sealed>]
    type private Rows(layout: RowLayout, file: AtomicFile) =
        inherit RowFile(layout, file)

        // No number is longer than 32 bytes: −2.2250738585072014E-308 has 24.
        let line = Array.zeroCreate<byte>(33 * (layout.SampleNames.Length + layout.Properties.Count) + 1)

        do
            let columns =
                seq {
                    yield! layout.SampleNames

                    for property in layout.Properties do
                        // Names and numbers only: nothing that would need quoting.
                        Seq.map2
                            (fun name (value: int) -> name + "=" + string value)
                            property.Names
                            (property.Values.ToArray())
                        |> String.concat " "
                }

            let head =
                $"{marker}{Metadata.toJson layout.Metadata}\n"
                + String.concat "," columns
                + "\n"

            file.Stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes head))

        override _.Write(sample, values) =
            // Without a format: as many digits as it takes.
            let plain = ReadOnlySpan<char>()
            let invariant = CultureInfo.InvariantCulture
            let mutable at = 0
            let mutable written = 0
            let mutable tooLarge = nan

            for value in sample do
                value.TryFormat(line.AsSpan at, &written, plain, invariant) |> ignore
                at <- at + written
                line[at] <- byte ','
                at <- at + 1

            for value in values do
                match layout.Precision with
                | Precision.Double -> value.TryFormat(line.AsSpan at, &written, plain, invariant) |> ignore
                | Precision.Single ->
                    if Single.IsInfinity(single value) then
                        tooLarge <- value

                    (single value).TryFormat(line.AsSpan at, &written, plain, invariant) |> ignore

                at <- at + written
                line[at] <- byte ','
                at <- at + 1

            if Double.IsNaN tooLarge then
                line[at - 1] <- byte '\n'
                file.Stream.Write(line, 0, at)
                Ok()
            else
                Error(NpyData.tooLargeForSingle tooLarge)

        override _.Finish() = Ok()

    /// Starts a table. Columns are called after their labels, `l=0 n_1=2 …`.
    let rows (replace: bool) (path: string) (layout: RowLayout) : Result<IRowWriter, AniSoapError> =
        RowFile.start replace path layout (fun file -> new Rows(layout, file))

    /// Reads the metadata from the comment in the first line; there are none without it.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> =
        Files.reading path (fun stream ->
            use reader = new StreamReader(stream, Encoding.UTF8)

            match reader.ReadLine() with
            | null -> Ok Map.empty
            | line when line.StartsWith(marker, StringComparison.Ordinal) ->
                Metadata.ofJson (line.Substring marker.Length)
            | _ -> Ok Map.empty)
