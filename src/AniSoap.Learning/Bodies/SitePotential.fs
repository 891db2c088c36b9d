namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// What a radial function of site distances is made of.
[<RequireQualifiedAccess>]
type SiteForm =
    /// Σ_k w_k exp(−a_k (r/ℓ − 1)) with the rates 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64.
    | Exponentials of unit: float * weights: ImmutableArray<float>
    /// Cubic B-splines on equal pieces: each is four pieces long and begins one after the one before it, the fourth at `start`.
    | Splines of start: float * spacing: float * weights: ImmutableArray<float>

/// The energy of two sites by their distance.
type SiteFunction = {
    /// The type of one.
    First: string
    /// The type of the other.
    Second: string
    /// What it is made of, before it is cut off.
    Form: SiteForm
    /// The shortest distance that was seen in training; a little below it begins a wall.
    Nearest: float
    /// The longest distance that was seen in training.
    Farthest: float
}

/// Radial functions of sites.
module SiteFunction =
    /// u, u′ and u″ of what a function is made of.
    let internal formAt (form: SiteForm) (r: float) : struct (float * float * float) =
        let mutable u = 0.0
        let mutable slope = 0.0
        let mutable bend = 0.0

        match form with
        | SiteForm.Exponentials(unit, weights) ->
            for k in 0 .. weights.Length - 1 do
                let rate = SiteExponentials.rates[k]
                let one = weights[k] * exp (-rate * (r / unit - 1.0))
                u <- u + one
                slope <- slope - rate / unit * one
                bend <- bend + rate * rate / (unit * unit) * one
        | SiteForm.Splines(start, spacing, weights) ->
            let struct (first, values) = SiteSplines.at start spacing r

            for k in 0..3 do
                let place = first + k

                if place >= 0 && place < weights.Length then
                    u <- u + weights[place] * values[k]
                    slope <- slope + weights[place] * values[4 + k]
                    bend <- bend + weights[place] * values[8 + k]

        struct (u, slope, bend)

    /// u, u′ and u″ with the cutoff.
    let private cutAt (cutoff: SiteCutoff) form r =
        let struct (u, slope, bend) = formAt form r
        let struct (f, df, ddf) = SiteCutoff.at cutoff r
        struct (u * f, slope * f + u * df, bend * f + 2.0 * slope * df + u * ddf)

    /// How far below the shortest distance seen a function is still taken for what it is, as long as it is a wall. Its steepest terms, of which the data know least, take over soon below: of 25 and
    /// 50 hexagons forces on others are off by 0.15 and 0.23 % with this, by 0.87 and 1.3 % with 0.85, by 0.6 % both with 1.
    let private overhang = 0.97

    /// u and u′ everywhere: below the wall's beginning r₀ a wall takes over with the value, the slope and, where that makes a wall, the curvature that there are,
    /// u(r₀) − u′(r₀) (e^{κ (r₀ − r)} − 1) / κ.
    let evaluator (cutoff: SiteCutoff) (given: SiteFunction) : float -> struct (float * float) =
        let isWall r =
            let struct (_, slope, bend) = cutAt cutoff given.Form r
            slope < 0.0 && bend > 0.0

        let begins =
            let below = Seq.init 32 (fun k -> given.Nearest * (1.0 - (1.0 - overhang) * float k / 31.0))
            let walls = below |> Seq.takeWhile isWall |> Seq.toArray
            if walls.Length = 0 then given.Nearest else Array.last walls

        let struct (u, slope, bend) = cutAt cutoff given.Form begins
        // Where the data end on a slope that is no wall, one is begun: as steep as the energy there per distance.
        let push =
            if slope < 0.0 then
                -slope
            else
                (abs u + 1e-3 * abs slope * begins) / begins

        let rate = max (4.0 / begins) (min (40.0 / begins) (if slope < 0.0 then bend / push else 0.0))

        fun r ->
            if r >= begins then
                let struct (u, slope, _) = cutAt cutoff given.Form r
                struct (u, slope)
            else
                let growth = exp (rate * (begins - r))
                struct (u + push * (growth - 1.0) / rate, -push * growth)

/// An energy of bodies made of sites, one radial function for every pair of types. Immutable.
[<Sealed>]
type SitePotential private (model: SiteModel, functions: ImmutableArray<SiteFunction>, cutoff: SiteCutoff) =
    /// What evaluates it: bodies, and functions as tables.
    member _.Model = model

    /// The bodies.
    member _.Bodies = model.Bodies

    /// The functions: of the first type with itself, with the second, …
    member _.Functions = functions

    /// Where sites end to act.
    member _.Cutoff = cutoff

    /// A potential. Refuses bodies and functions that do not fit.
    static member Create
        (bodies: SiteBody seq, functions: SiteFunction seq, cutoff: SiteCutoff)
        : Result<SitePotential, AniSoapError> =
        let bodies, functions = Seq.toArray bodies, ImmutableArray.CreateRange functions

        let types = KnownSites.names bodies

        let find t u =
            functions
            |> Seq.tryFind (fun f -> f.First = t && f.Second = u || f.First = u && f.Second = t)

        let wanted = [
            for i in 0 .. types.Length - 1 do
                for j in i .. types.Length - 1 do
                    types[i], types[j]
        ]

        match wanted |> List.tryFind (fun (t, u) -> (find t u).IsNone) with
        | Some(t, u) ->
            Error(
                Missing($"the radial function of types {t} and {u}", "give one for every pair of types", Place.Unknown)
            )
        | None ->
            let inOrder = wanted |> List.choose (fun (t, u) -> find t u)

            attempt {
                let! tables =
                    inOrder
                    |> Result.traverse (fun f ->
                        SiteTable.Create(0.3 * f.Nearest, cutoff.Radius, SiteFunction.evaluator cutoff f))

                let! model = SiteModel.Create(bodies, types, tables)
                return SitePotential(model, ImmutableArray.CreateRange inOrder, cutoff)
            }
