namespace AniSoap

open System
open System.Collections.Immutable

/// Bodies of sites and the radial function of every pair of types. Immutable.
[<Sealed>]
type SiteModel private (bodies: ImmutableArray<SiteBody>, types: string[], tables: SiteTable[]) =
    let outer = tables |> Array.fold (fun most table -> max most table.Outer) 0.0
    let radius = bodies |> Seq.fold (fun most body -> max most body.Radius) 0.0

    /// The bodies.
    member _.Bodies = bodies

    /// The types of sites in order.
    member _.Types: ImmutableArray<string> = ImmutableArray.Create<string> types

    member internal _.Tables = tables

    /// The place of a pair of types among the tables: 0 0, 0 1, …, 1 1, …
    static member KindOf(first: int, second: int, types: int) : int =
        let t, u = min first second, max first second
        t * types - t * (t - 1) / 2 + u - t

    /// The longest distance of sites at which anything acts.
    member _.SiteCutoff = outer

    /// The longest distance of centres at which anything can act.
    member _.CutoffRadius = outer + 2.0 * radius

    /// The radial function of two types.
    member _.Table(first: string, second: string) : SiteTable =
        tables[SiteModel.KindOf(Array.IndexOf(types, first), Array.IndexOf(types, second), types.Length)]

    /// Bodies with a table for every pair of types, each pair once: first with itself, first with second, …. Refuses two bodies of one species, and another number of tables.
    static member Create
        (bodies: SiteBody seq, types: string seq, tables: SiteTable seq)
        : Result<SiteModel, AniSoapError> =
        let bodies, types, tables = ImmutableArray.CreateRange bodies, Seq.toArray types, Seq.toArray tables
        let species = bodies |> Seq.map _.Species |> Seq.toList

        if species.IsEmpty then
            AniSoapError.invalid "number of bodies" 0 "at least one" |> Error
        elif List.distinct species <> species then
            AniSoapError.invalid "species of bodies" (String.Join(", ", species)) "one body a species"
            |> Error
        elif tables.Length <> types.Length * (types.Length + 1) / 2 then
            AniSoapError.invalid
                "number of radial functions"
                tables.Length
                (string (types.Length * (types.Length + 1) / 2) + ", one for every pair of types")
            |> Error
        else
            match
                bodies
                |> Seq.collect _.Sites
                |> Seq.tryFind (fun site -> not (Array.contains site.Type types))
            with
            | Some site ->
                AniSoapError.invalid "type of a site" site.Type ("one of " + String.Join(", ", types))
                |> Error
            | None -> Ok(SiteModel(bodies, types, tables))
