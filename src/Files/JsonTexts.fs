namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Text
open System.Text.Json

/// JSON texts that either say what is asked for or are as good as absent.
module internal JsonTexts =
    /// What a text says: nothing where it is no JSON, or lacks what is looked for or has it as something else.
    let tryRead (json: byte[]) (read: JsonElement -> 'T option) : 'T option =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory json)
            read document.RootElement
        with
        | :? JsonException
        | :? KeyNotFoundException
        | :? InvalidOperationException
        | :? FormatException -> None

    /// A list of whole numbers.
    let tryWholes (text: string) : int list option =
        tryRead (Encoding.UTF8.GetBytes text) (fun root ->
            Some [ for item in root.EnumerateArray() -> item.GetInt32() ])
