namespace AniSoap

open System
open System.Runtime.InteropServices
open AniSoap.Numerics

/// The features of one centre with their derivatives: to be read until the handler that was given them returns.
[<Sealed>]
type CenterDerivatives internal (parameters: Set<GradientParameter>) =
    let mutable gradients = Unchecked.defaultof<CenterGradients>
    let mutable center = 0
    let mutable species = 0

    member internal _.Set(particle: int, kind: int, given: CenterGradients) =
        center <- particle
        species <- kind
        gradients <- given

    /// The particle.
    member _.Center = center

    /// Its species.
    member _.Species = species

    /// The features.
    member _.Values: ReadOnlySpan<float> = ReadOnlySpan gradients.Values

    /// The particles that the features depend on, ascending, the centre among them; images of one particle are added up.
    member _.Atoms: ReadOnlySpan<int> = Span.op_Implicit (CollectionsMarshal.AsSpan gradients.Atoms)

    /// What the features change by when the particle at a place of `Atoms` moves, turns or grows: a row for each of three axes; none unless asked for.
    member _.ByAtom(parameter: GradientParameter, place: int) : ReadOnlySpan<float> =
        let rows =
            match parameter with
            | _ when not (parameters.Contains parameter) -> Array.empty
            | GradientParameter.Positions -> gradients.Positions
            | GradientParameter.Orientations -> gradients.Orientations
            | GradientParameter.SemiAxes -> gradients.SemiAxes
            | GradientParameter.Strain -> Array.empty

        if rows.Length = 0 then
            ReadOnlySpan<float>.Empty
        else
            ReadOnlySpan(rows, 3 * gradients.Size * place, 3 * gradients.Size)

    /// The same by strain: nine rows [p][q] of ∂/∂ε_qp; none unless asked for.
    member _.ByStrain: ReadOnlySpan<float> =
        if parameters.Contains GradientParameter.Strain then
            ReadOnlySpan gradients.Strain
        else
            ReadOnlySpan<float>.Empty
