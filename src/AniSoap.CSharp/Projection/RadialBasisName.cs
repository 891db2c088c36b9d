namespace AniSoap.CSharp;

/// <summary><c>radial_basis_name</c>: the functions of the distance in which the density is expanded.</summary>
public enum RadialBasisName
{
    /// <summary>r^(l+2n) exp(−r²/2σ²), σ the <see cref="Hyperparameters.RadialGaussianWidth"/>.</summary>
    Gto,

    /// <summary>r^(l+2n), normalised on [0, cutoff].</summary>
    Monomial,
}
