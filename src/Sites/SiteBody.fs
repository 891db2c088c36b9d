namespace AniSoap

open System
open System.Collections.Immutable

/// One interaction site of a body.
type BodySite = {
    /// From the body's centre along the body's axes, in the length unit of the input.
    Position: Vector3
    /// What kind of site it is: sites of one type act alike.
    Type: string
}

/// What every particle of a species is made of: sites that stand still in the body's frame. Immutable.
[<Sealed>]
type SiteBody internal (species: int, sites: ImmutableArray<BodySite>) =
    /// The species.
    member _.Species = species

    /// The sites, by type.
    member _.Sites = sites

    /// The largest distance of a site from the centre.
    member _.Radius: float =
        let mutable most = 0.0

        for site in sites do
            most <- max most (Vector3.norm site.Position)

        most

    /// Whether all sites are on a line through the centre, to a thousandth of the radius: nothing is learnt of turns about it, and no torque acts about it.
    member body.IsStraight: bool =
        let longest = sites |> Seq.maxBy (fun site -> Vector3.norm site.Position)
        let length = Vector3.norm longest.Position

        sites
        |> Seq.forall (fun site ->
            Vector3.norm (Vector3.cross site.Position longest.Position)
            <= 1e-3 * length * length)

    /// The species and what it is made of, on one line.
    override _.ToString() =
        let kinds =
            sites
            |> Seq.countBy _.Type
            |> Seq.map (fun (name, count) -> String.Concat(string count, " of type ", name))

        String.Concat("species ", string species, ": ", String.Join(", ", kinds))

/// Bodies made of sites.
module SiteBody =
    let private show (v: Vector3) = Vector3.show v

    /// A body. Refuses none of sites, places that are not finite, sites that coincide, names that are empty.
    let create (species: int) (sites: BodySite seq) : Result<SiteBody, AniSoapError> =
        let sites = sites |> Seq.sortBy _.Type |> ImmutableArray.CreateRange

        let radius = sites |> Seq.fold (fun most site -> max most (Vector3.norm site.Position)) 0.0

        let coincident =
            Seq.tryPick
                (fun i ->
                    Seq.tryPick
                        (fun j ->
                            if Vector3.norm (sites[i].Position - sites[j].Position) <= 1e-6 * radius then
                                Some i
                            else
                                None)
                        (seq { i + 1 .. sites.Length - 1 }))
                (seq { 0 .. sites.Length - 1 })

        if sites.IsEmpty then
            AniSoapError.invalid "number of sites" 0 "at least one" |> Error
        else
            match
                sites
                |> Seq.tryFind (fun site -> not (Double.IsFinite(Vector3.norm site.Position))),
                sites |> Seq.tryFind (fun site -> String.IsNullOrWhiteSpace site.Type),
                coincident
            with
            | Some site, _, _ ->
                AniSoapError.invalid "position of a site" (show site.Position) "three finite numbers"
                |> Error
            | _, Some _, _ -> AniSoapError.invalid "type of a site" "''" "a name" |> Error
            | _, _, Some i ->
                AniSoapError.invalid
                    "sites"
                    (String.Concat("two at ", show sites[i].Position))
                    "sites at places of their own: two that coincide are one of twice the strength"
                |> Error
            | _ -> Ok(SiteBody(species, sites))
