namespace AniSoap

open System
open System.Text
open AniSoap.Formats

module internal SpeciesNames =
    /// The number of a species' name: by the type map, as a chemical symbol, or as the number that it spells.
    let number (typeMap: Map<string, int>) (name: string) : Result<int, AniSoapError> =
        let asNumber () =
            match WholeNumber.tryInt name with
            | true, value -> Some value
            | false, _ -> None

        match
            Map.tryFind name typeMap
            |> Option.orElseWith (fun () -> ChemicalSymbols.tryNumber name)
            |> Option.orElseWith asNumber
        with
        | Some value -> Ok value
        | None ->
            Error(
                AniSoapError.invalid
                    "species"
                    name
                    "a chemical symbol, a whole number, or a name that the type map gives a number (--type-map NAME=NUMBER)"
            )

/// Species numbers of names that come as bytes, each distinct name worked out once.
[<Sealed>]
type internal SpeciesNames(typeMap: Map<string, int>) =
    // A file has few species: a search through a short list beats hashing.
    let mutable names = Array.empty<byte[]>
    let mutable numbers = Array.empty<int>
    let mutable last = 0

    let add (name: byte[]) =
        SpeciesNames.number typeMap (Encoding.UTF8.GetString name)
        |> Result.map (fun number ->
            names <- Array.append names [| name |]
            numbers <- Array.append numbers [| number |]
            last <- numbers.Length - 1
            number)

    /// The number of the name in `buffer[start .. finish-1]`; false where it has none (`Explain` says why).
    member _.TryNumber(buffer: byte[], start: int, finish: int, number: byref<int>) =
        let token = ReadOnlySpan(buffer, start, finish - start)

        if last >= names.Length || not (token.SequenceEqual(ReadOnlySpan names[last])) then
            last <- 0

            while last < names.Length && not (token.SequenceEqual(ReadOnlySpan names[last])) do
                last <- last + 1

        if last < names.Length then
            number <- numbers[last]
            true
        else
            match add (token.ToArray()) with
            | Ok value ->
                number <- value
                true
            | Error _ -> false

    /// The names that are no numbers, by the number of their species; of several the first.
    member _.Known =
        Seq.zip names numbers
        |> Seq.map (fun (name, number) -> number, Encoding.UTF8.GetString name)
        |> Seq.filter (fun (_, name) -> (DecimalNumber.tryParse name).IsNone)
        |> Seq.distinctBy fst
        |> Map.ofSeq

    member _.Explain(name: string) =
        match SpeciesNames.number typeMap name with
        | Ok _ -> None
        | Error error -> Some error
