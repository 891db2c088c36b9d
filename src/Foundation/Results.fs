namespace AniSoap

/// What `FSharp.Core.Result` leaves open: `open AniSoap` adds these to its functions.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Result =
    /// The value, or an exception with the error as one sentence: for scripts, which have nobody to give an error to.
    let orFail (result: Result<'T, AniSoapError>) : 'T =
        match result with
        | Ok value -> value
        | Error error -> failwith (AniSoapError.describe error)

    /// The results of all items in their order, or the first error: later items are not tried.
    let traverse (f: 'a -> Result<'b, 'e>) (items: 'a seq) : Result<'b[], 'e> =
        let values =
            match items with
            | :? System.Collections.Generic.IReadOnlyCollection<'a> as known ->
                System.Collections.Generic.List<'b> known.Count
            | _ -> System.Collections.Generic.List<'b>()

        use items = items.GetEnumerator()
        let mutable failure = ValueNone

        while failure.IsNone && items.MoveNext() do
            match f items.Current with
            | Ok value -> values.Add value
            | Error error -> failure <- ValueSome error

        match failure with
        | ValueNone -> Ok(values.ToArray())
        | ValueSome error -> Error error

    /// All items are tried in their order until one of them fails.
    let check (f: 'a -> Result<unit, 'e>) (items: 'a seq) : Result<unit, 'e> =
        items
        |> Seq.tryPick (fun item ->
            match f item with
            | Ok() -> None
            | Error error -> Some error)
        |> function
            | None -> Ok()
            | Some error -> Error error

    /// A fold that ends at the first error.
    let fold (f: 's -> 'a -> Result<'s, 'e>) (state: 's) (items: 'a seq) : Result<'s, 'e> =
        use items = items.GetEnumerator()
        let mutable state = Ok state

        while Result.isOk state && items.MoveNext() do
            state <- Result.bind (fun s -> f s items.Current) state

        state
