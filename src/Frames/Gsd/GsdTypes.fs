namespace AniSoap

open System
open System.Globalization

/// Species numbers of the particle types of a GSD file.
module internal GsdTypes =
    /// The number in a name `6` or `6_2` (a further shape of species 6).
    let tryNumber (name: string) =
        let finish = name.IndexOf '_'
        let number = if finish < 0 then name else name.Substring(0, finish)
        let rest = if finish < 0 then "1" else name.Substring(finish + 1)
        let isIndex = rest.Length > 0 && Seq.forall Char.IsAsciiDigit rest

        match Int32.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
        | true, value when isIndex -> Some value
        | _ -> None

    /// Whether every type is called by a number, which is its species then.
    let areNumbers (names: string[]) = names |> Array.forall (fun name -> (tryNumber name).IsSome)

    /// The name of a species' `shape`-th shape, counted from 1; `species` gives it back.
    let name (species: int) (shape: int) =
        let number = species.ToString CultureInfo.InvariantCulture

        if shape = 1 then
            number
        else
            number + "_" + shape.ToString CultureInfo.InvariantCulture

    /// The species of each type: by the type map; else the numbers that the names spell, where every name spells one;
    /// else the types' own numbers, counted from 0. A number that a type has by itself stands for no other type.
    let species (typeMap: Map<string, int>) (names: string[]) : Result<int[], AniSoapError> =
        let spelled = names |> Array.map tryNumber
        let areNumbers = spelled |> Array.forall Option.isSome

        let own i = if areNumbers then spelled[i].Value else i

        let numbers =
            names
            |> Array.mapi (fun i name -> Map.tryFind name typeMap |> Option.defaultWith (fun () -> own i))

        let isMapped name = Map.containsKey name typeMap

        let clash =
            if areNumbers || not (Array.exists isMapped names) then
                None
            else
                let mapped =
                    names
                    |> Seq.map (fun name -> Map.tryFind name typeMap)
                    |> Seq.choose id
                    |> Set.ofSeq

                names
                |> Seq.indexed
                |> Seq.tryFind (fun (i, name) -> not (isMapped name) && mapped.Contains i)

        match clash with
        | Some(i, name) ->
            Error(
                AniSoapError.invalid
                    "type map"
                    i
                    ("numbers that no other type has: "
                     + string i
                     + " is that of type "
                     + name
                     + ", which the map leaves out")
            )
        | None -> Ok numbers
