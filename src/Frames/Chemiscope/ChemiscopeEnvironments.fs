namespace AniSoap

open System.Text.Json

/// Which particle each value of a property of atoms is of: the file's environments say it, in any order.
type internal ChemiscopeEnvironments = {
    /// How many values a property of atoms has.
    Count: int
    /// For each particle, counted through all structures, the place of its value, or −1; nothing where values and
    /// particles stand in the same order.
    Places: int[] voption
    /// Places of further values for a particle that has one, with the place of that one.
    Doubled: struct (int * int) list
}

module internal ChemiscopeEnvironments =
    let private index (environment: JsonElement) (key: string) =
        if environment.ValueKind = JsonValueKind.Object then
            match environment.TryGetProperty key with
            | true, value when value.ValueKind = JsonValueKind.Number ->
                match value.TryGetInt32() with
                | true, index -> index
                | false, _ -> -1
            | _ -> -1
        else
            -1

    /// The environments of a file; an error where one is of no particle. `starts` says where each structure's particles
    /// start among all.
    let ofFile (root: JsonElement) (starts: int[]) : Result<ChemiscopeEnvironments, AniSoapError> =
        let particles = starts[starts.Length - 1]

        match root.TryGetProperty "environments" with
        | true, all when all.ValueKind = JsonValueKind.Array && all.GetArrayLength() > 0 ->
            let places = Array.create particles -1
            let mutable doubled = []
            let mutable failure = ValueNone
            let mutable place = 0

            for environment in all.EnumerateArray() do
                let structure, center = index environment "structure", index environment "center"

                if structure < 0 || structure > starts.Length - 2 then
                    failure <- ValueSome place
                elif center < 0 || center >= starts[structure + 1] - starts[structure] then
                    failure <- ValueSome place
                else
                    let particle = starts[structure] + center

                    if places[particle] < 0 then
                        places[particle] <- place
                    else
                        doubled <- struct (place, places[particle]) :: doubled

                place <- place + 1

            match failure with
            | ValueSome place ->
                Error(
                    Malformed(
                        "environment " + string place + " of no particle",
                        "structure and center, both from 0, of a particle of the file",
                        Place.Unknown
                    )
                )
            | ValueNone ->
                let isInOrder =
                    place = particles
                    && places |> Array.indexed |> Array.forall (fun (i, p) -> i = p)

                Ok {
                    Count = place
                    Places = if isInOrder then ValueNone else ValueSome places
                    Doubled = doubled
                }
        | _ -> Ok { Count = particles; Places = ValueNone; Doubled = [] }
