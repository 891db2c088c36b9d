namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Potentials out of sites that were found: names for their types, and functions as far as distances of the frames reach.
module internal FoundPotential =
    /// a, b, c, …
    let nameOf (number: int) =
        if number < 26 then
            string (char (int 'a' + number))
        else
            "t" + string number

    /// Nearest and farthest distances of sites, by pairs of types.
    let distances
        (types: SiteTypes)
        (sites: float[])
        (rows: SiteRows)
        (cutoff: SiteCutoff)
        : struct (float[] * float[]) =
        let nearest, farthest = Array.create types.Kinds infinity, Array.zeroCreate<float> types.Kinds
        let L = Lanes.Count

        for group in rows.Groups do
            let g = group.Geometry

            let at species rotation lane block =
                let own = types.Of species

                own
                |> Array.mapi (fun k _ ->
                    let s = 3 * (types.Offset species + k)
                    let inline r i = g[21 * L * block + (rotation + i) * L + lane]

                    Vector3.create
                        (r 0 * sites[s] + r 1 * sites[s + 1] + r 2 * sites[s + 2])
                        (r 3 * sites[s] + r 4 * sites[s + 1] + r 5 * sites[s + 2])
                        (r 6 * sites[s] + r 7 * sites[s + 1] + r 8 * sites[s + 2]))

            for block in 0 .. group.Blocks - 1 do
                for lane in 0 .. L - 1 do
                    let inline r i = g[21 * L * block + i * L + lane]
                    let shift = Vector3.create (r 0) (r 1) (r 2)
                    let a, b = at group.First 3 lane block, at group.Second 12 lane block

                    for i in 0 .. a.Length - 1 do
                        for j in 0 .. b.Length - 1 do
                            let distance = Vector3.norm (shift + b[j] - a[i])

                            if distance < cutoff.Radius then
                                let kind = types.Kind((types.Of group.First)[i], (types.Of group.Second)[j])
                                nearest[kind] <- min nearest[kind] distance
                                farthest[kind] <- max farthest[kind] distance

        struct (nearest, farthest)

    let private bodyOf (species: int) (types: int[]) (sites: float[]) first =
        SiteBody.create
            species
            (types
             |> Seq.mapi (fun k t -> {
                 Position = Vector3.create sites[first + 3 * k] sites[first + 3 * k + 1] sites[first + 3 * k + 2]
                 Type = nameOf t
             }))

    /// The bodies of a solution, by their species.
    let bodies (species: int[]) (solution: SiteSolution) : Result<SiteBody list, AniSoapError> =
        let types = SiteTypes solution.Types

        Seq.indexed species
        |> Result.traverse (fun (k, one) -> bodyOf one solution.Types[k] solution.Sites (3 * types.Offset k))
        |> Result.map Seq.toList

    /// The potential of a solution.
    let create
        (unit: float)
        (cutoff: SiteCutoff)
        (species: int[])
        (solution: SiteSolution)
        (rows: SiteRows)
        : Result<SitePotential, AniSoapError> =
        let types = SiteTypes solution.Types
        let struct (nearest, farthest) = distances types solution.Sites rows cutoff

        let functions = [
            for t in 0 .. types.Count - 1 do
                for u in t .. types.Count - 1 do
                    let kind = types.Kind(t, u)

                    let near =
                        if Double.IsFinite nearest[kind] then
                            nearest[kind]
                        else
                            unit

                    {
                        First = nameOf t
                        Second = nameOf u
                        Form =
                            SiteForm.Exponentials(
                                unit,
                                ImmutableArray.Create<float>(
                                    solution.Weights,
                                    kind * SiteExponentials.count,
                                    SiteExponentials.count
                                )
                            )
                        Nearest = near
                        Farthest = max near farthest[kind]
                    }
        ]

        bodies species solution
        |> Result.bind (fun bodies -> SitePotential.Create(bodies, functions, cutoff))
