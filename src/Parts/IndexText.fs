namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Text.Json
open AniSoap

/// The text of an index, read.
module internal IndexText =
    /// What the first entry of every index is called.
    [<Literal>]
    let Kind = "anisoap_index"

    /// What that entry says. Earlier programs wrote 1, with the SHA-256 of each block, and know no other.
    [<Literal>]
    let Version = 2

    /// The numbers of the array that comes next. Read as they stand: a part reads the numbers of all frames before it computes its first one.
    let private numbers (reader: byref<Utf8JsonReader>) =
        let mutable found = Array.zeroCreate<int64> 4096
        let mutable count = 0
        reader.Read() |> ignore

        if reader.TokenType <> JsonTokenType.StartArray then
            raise (JsonException "no list")

        while reader.Read() && reader.TokenType <> JsonTokenType.EndArray do
            if count = found.Length then
                let longer = Array.zeroCreate<int64>(2 * count)
                Array.Copy(found, longer, count)
                found <- longer

            found[count] <- reader.GetInt64()
            count <- count + 1

        let all = Array.zeroCreate<int64> count
        Array.Copy(found, all, count)
        all

    let private text (reader: byref<Utf8JsonReader>) = reader.GetString() |> Option.ofObj |> Option.defaultValue ""

    /// The texts of the array that comes next.
    let private texts (reader: byref<Utf8JsonReader>) =
        let found = List<string>()
        reader.Read() |> ignore

        if reader.TokenType <> JsonTokenType.StartArray then
            raise (JsonException "no list")

        while reader.Read() && reader.TokenType <> JsonTokenType.EndArray do
            found.Add(text &reader)

        found.ToArray()

    let private wholes (numbers: int64[]) =
        let all = Array.zeroCreate<int> numbers.Length

        for k in 0 .. all.Length - 1 do
            all[k] <- Checked.int numbers[k]

        all

    /// Goes through the text once, from part to part: objects for all of its numbers would take longer than to read them.
    let private entries path (json: byte[]) =
        let mutable reader = Utf8JsonReader(ReadOnlySpan json)
        let mutable kind = 0
        let mutable size, length = -1L, -1L
        let mutable modified = ValueNone
        let mutable packed = ValueNone
        let mutable hash = ""
        let mutable cutoff = None
        let mutable species, particles, pairs = [||], [||], [||]
        let mutable offsets, lines, firsts = [||], [||], [||]
        let mutable hashes = [||]
        reader.Read() |> ignore

        if reader.TokenType <> JsonTokenType.StartObject then
            raise (JsonException "no object")

        while reader.Read() && reader.TokenType = JsonTokenType.PropertyName do
            let name = text &reader

            match name with
            | "species" -> species <- wholes (numbers &reader)
            | "particles" -> particles <- wholes (numbers &reader)
            | "pairs" -> pairs <- numbers &reader
            | "offsets" -> offsets <- numbers &reader
            | "lines" -> lines <- numbers &reader
            | "block_firsts" -> firsts <- wholes (numbers &reader)
            | "block_hashes" -> hashes <- texts &reader
            | _ ->
                reader.Read() |> ignore

                match name with
                | Kind -> kind <- reader.GetInt32()
                | "size" -> size <- reader.GetInt64()
                | "modified" -> modified <- ValueSome(reader.GetDateTime().ToUniversalTime())
                | "packed" -> packed <- ValueSome(reader.GetBoolean())
                | "sha256" -> hash <- text &reader
                | "length" -> length <- reader.GetInt64()
                | "pair_cutoff_radius" -> cutoff <- Some(reader.GetDouble())
                | _ -> reader.Skip()

        // What stands behind the object would be an error.
        reader.Read() |> ignore

        let blocks = Array.zeroCreate<IndexBlock> hashes.Length

        if
            kind < 1
            || kind > Version
            || size < 0L
            || length < 0L
            || modified.IsNone
            || packed.IsNone
            || hash = ""
            || hashes.Length = 0
            || hashes.Length <> firsts.Length
            || offsets.Length <> particles.Length
            || lines.Length <> particles.Length
            || cutoff.IsSome && pairs.Length <> particles.Length
            || particles.Length = 0
        then
            None
        else
            for k in 0 .. blocks.Length - 1 do
                blocks[k] <- { First = firsts[k]; Hash = hashes[k] }

            Some {
                Path = path
                Size = size
                Modified = modified.Value
                IsPacked = packed.Value
                Hash = hash
                Species = species
                Particles = particles
                PairCutoff = cutoff
                Pairs = if cutoff.IsSome then pairs else [||]
                Offsets = offsets
                Lines = lines
                Length = length
                Blocks = blocks
            }

    /// The index of a trajectory that a text is, if it is one.
    let parse path (json: byte[]) = JsonTexts.orNone (fun () -> entries path json)
