namespace AniSoap

open System
open System.Collections.Generic

/// What calls from C# name, or leave out as null.
module internal Given =
    /// What was given, else the other.
    let value (other: 'T) (given: Nullable<'T>) : 'T = if given.HasValue then given.Value else other

    /// What was given, else the other.
    let orElse (other: 'T) (given: 'T | null) : 'T =
        match given with
        | null -> other
        | given -> given

    /// What was given as a map; empty where nothing was.
    let map (given: KeyValuePair<'K, 'V> seq | null) : Map<'K, 'V> =
        match given with
        | null -> Map.empty
        | given -> given |> Seq.map (fun pair -> pair.Key, pair.Value) |> Map.ofSeq
