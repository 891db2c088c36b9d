namespace AniSoap.Formats

open System.IO

/// What is wrong with the bytes of a file.
[<AutoOpen>]
module internal Damage =
    /// Ends the reading of a file; whoever began it tells the file's name and what was expected.
    let fail (found: string) : 'a = raise (InvalidDataException found)
