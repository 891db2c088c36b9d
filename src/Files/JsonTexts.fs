namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Text
open System.Text.Json

/// JSON texts that either say what is asked for or are as good as absent.
module internal JsonTexts =
    /// What reading says: nothing where the text is no JSON, or lacks what is looked for or has it as something else.
    let orNone (read: unit -> 'T option) : 'T option =
        try
            read ()
        with
        | :? JsonException
        | :? KeyNotFoundException
        | :? InvalidOperationException
        | :? OverflowException
        | :? FormatException -> None

    /// What the object of a text says.
    let tryRead (json: byte[]) (read: JsonElement -> 'T option) : 'T option =
        orNone (fun () ->
            use document = JsonDocument.Parse(ReadOnlyMemory json)
            read document.RootElement)

    /// A list of whole numbers.
    let tryWholes (text: string) : int list option =
        tryRead (Encoding.UTF8.GetBytes text) (fun root ->
            Some [ for item in root.EnumerateArray() -> item.GetInt32() ])
