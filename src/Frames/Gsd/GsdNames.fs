namespace AniSoap

open System
open System.Collections.Generic
open System.Text

/// The names of a GSD file's chunks; an index entry names its chunk by the place in this list.
module internal GsdNames =
    /// An index entry has 16 bits for the name, and the largest number stands for none.
    [<Literal>]
    let Most = 65535

    let private strict = UTF8Encoding(false, true)

    let private decode (bytes: ReadOnlySpan<byte>) =
        try
            Ok(strict.GetString bytes)
        with :? DecoderFallbackException ->
            GsdHeader.malformed "a chunk's name that is not UTF-8" "names in UTF-8"

    /// Where the name behind one that starts at `start` and ends at `finish` starts: version 1 has 64 bytes a name,
    /// version 2 one behind the other, each ended by a zero.
    let private next isVersion1 start finish =
        if isVersion1 then
            start + GsdHeader.NameBlock
        else
            finish + 1

    /// The names in the list's bytes, up to the first empty one.
    let parse (isVersion1: bool) (bytes: byte[]) : Result<string[], AniSoapError> =
        if bytes.Length = 0 || bytes[bytes.Length - 1] <> 0uy then
            GsdHeader.malformed "a list of names that does not end on a zero byte" "names that each end on a zero byte"
        else
            let names = ResizeArray<string>()
            let known = HashSet<string>(StringComparer.Ordinal)
            let mutable start = 0
            let mutable failure = ValueNone

            while failure.IsNone && start < bytes.Length && bytes[start] <> 0uy do
                let finish = Array.IndexOf(bytes, 0uy, start)

                let name =
                    if isVersion1 && finish >= start + GsdHeader.NameBlock then
                        GsdHeader.malformed "a chunk's name of more than 63 bytes" "at most 63 in a file of version 1"
                    else
                        decode (ReadOnlySpan(bytes, start, finish - start))

                match name with
                | Error error -> failure <- ValueSome error
                | Ok name when not (known.Add name) ->
                    failure <-
                        ValueSome(Malformed("the chunk name " + name + " twice", "each name once", Place.Unknown))
                | Ok _ when names.Count = Most ->
                    failure <- ValueSome(Malformed("more than 65535 chunk names", "at most 65535", Place.Unknown))
                | Ok name ->
                    names.Add name
                    start <- next isVersion1 start finish

            match failure with
            | ValueSome error -> Error error
            | ValueNone -> Ok(names.ToArray())
