namespace AniSoap.Learning

open System
open AniSoap

/// The sites of bodies as the fit's flat arrays.
module internal KnownSites =
    /// The names of their types, sorted: their places are the types' numbers.
    let names (bodies: SiteBody seq) : string[] =
        bodies
        |> Seq.collect _.Sites
        |> Seq.map _.Type
        |> Seq.distinct
        |> Seq.sort
        |> Seq.toArray

    /// Types by body and site.
    let types (bodies: SiteBody seq) : SiteTypes =
        let names = names bodies

        bodies
        |> Seq.map (fun body -> [| for site in body.Sites -> Array.IndexOf(names, site.Type) |])
        |> Seq.toArray
        |> SiteTypes

    /// x, y, z of the first body's first site, of its second, and so on.
    let positions (bodies: SiteBody seq) : float[] = [|
        for body in bodies do
            for site in body.Sites do
                site.Position.X
                site.Position.Y
                site.Position.Z
    |]
