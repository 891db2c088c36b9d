namespace AniSoap

open System

/// What the pairs of a comment line say beside columns and cell.
[<NoEquality; NoComparison>]
type internal ExtendedXyzInfo = {
    Step: int64 option
    SpeciesNames: Map<int, string>
    /// All other pairs, in order; of a key that comes again the last value.
    Others: (string * InfoValue) list
}

module internal ExtendedXyzInfo =
    /// The key of the names of species, `"1=A 2=B"`.
    [<Literal>]
    let SpeciesNamesKey = "species_names"

    /// The key of the step; others write it otherwise.
    [<Literal>]
    let StepKey = "step"

    let private stepKeys = [ StepKey; "timestep"; "Timestep" ]

    let private isLayout key =
        ExtendedXyzHeader.isProperties key
        || ExtendedXyzHeader.isLattice key
        || ExtendedXyzHeader.isPeriodicity key

    /// The names in `1=A 2=B`, if that is what the text is.
    let private tryNames (text: string) =
        let pair (word: string) =
            match word.Split('=', 2) with
            | [| number; name |] when name <> "" ->
                match Int32.TryParse number with
                | true, value -> Some(value, name)
                | false, _ -> None
            | _ -> None

        let pairs = RowParser.splitWords text |> Array.map pair

        if pairs.Length > 0 && Array.forall Option.isSome pairs then
            Some(pairs |> Array.map Option.get |> Map.ofArray)
        else
            None

    let private lastOfEach (pairs: (string * InfoValue) list) =
        let last = Map.ofList pairs |> Map.map (fun _ value -> value)
        pairs |> List.map fst |> List.distinct |> List.map (fun key -> key, last[key])

    /// A plain file's comment is one text.
    let ofComment isExtended (comment: string) =
        if not isExtended then
            let others =
                if String.IsNullOrWhiteSpace comment then
                    []
                else
                    [ "comment", InfoValue.Text(comment.Trim()) ]

            { Step = None; SpeciesNames = Map.empty; Others = others }
        else
            let all =
                ExtendedXyzHeader.pairs comment
                |> List.filter (fun (key, _) -> key <> "" && not (isLayout key))
                |> List.map (fun (key, value) -> key, ExtendedXyzValue.ofWritten value)
                |> lastOfEach

            let step =
                all
                |> List.tryPick (fun (key, value) ->
                    match value with
                    | InfoValue.Integer step when List.contains key stepKeys -> Some(key, step)
                    | _ -> None)

            let names =
                all
                |> List.tryPick (fun (key, value) ->
                    match value with
                    | InfoValue.Text text when key = SpeciesNamesKey -> tryNames text
                    | _ -> None)

            {
                Step = Option.map snd step
                SpeciesNames = defaultArg names Map.empty
                Others =
                    all
                    |> List.filter (fun (key, _) ->
                        Some key <> Option.map fst step && not (key = SpeciesNamesKey && names.IsSome))
            }
