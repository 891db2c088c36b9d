namespace AniSoap

open System

/// The radial functions of a projection as functions of the distance.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module RadialFunctions =
    /// The normalised primitive N_p r^p exp(−r²/2σ²), p = l + 2n (GTO), or N_p r^p up to the cutoff and zero beyond (monomials).
    let primitive (projection: Projection) (l: int) (n: int) (r: float) : float =
        // In the unit that kernels compute in: high powers of small or large lengths leave double precision.
        let unit = projection.Unit
        let power = Math.Pow(unit.FromUser * r, float (l + 2 * n))
        let normalization = projection.RadialFunctions.UnitNormalization(l, n) * unit.Power -3

        match projection.Hypers.RadialBasis with
        | Gto width -> normalization * power * exp (-0.5 * (r / width) * (r / width))
        | Monomial when r > projection.Hypers.CutoffRadius -> 0.0
        | Monomial -> normalization * power

    /// The orthonormal functions R_nl(r) = Σ_k (S_l^{−1/2})_{kn} N_{l+2k} r^{l+2k} exp(−r²/2σ²) of one l at a distance, n from 0.
    let orthonormal (projection: Projection) (l: int) (r: float) : float[] =
        let radial = projection.RadialFunctions
        let count = radial.Count l
        let primitives = Array.init count (fun k -> primitive projection l k r)

        Array.init count (fun n ->
            let mutable sum = 0.0

            for k in 0 .. count - 1 do
                sum <- sum + radial.InverseRoot(l, k, n) * primitives[k]

            sum)

    /// The distance beyond which no primitive is more than 1 % of its largest value: for GTOs three widths behind the last maximum, which
    /// is at σ √p; for monomials the cutoff.
    let reach (projection: Projection) : float =
        match projection.Hypers.RadialBasis with
        | Gto width -> width * (sqrt (float projection.Degree) + 3.1)
        | Monomial -> projection.Hypers.CutoffRadius
