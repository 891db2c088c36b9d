namespace AniSoap.Reference

/// Which linear combinations of the bare primitives (N = 1) the coefficients are for.
type Functions =
    /// The bare primitives themselves.
    | Bare
    /// Each primitive times its N_p.
    | Normalised
    /// Löwdin's orthonormal functions; eigenvalues of the overlap up to rcond are dropped.
    | Orthonormal of rcond: float

/// What the dense expansion needs to know.
[<NoEquality; NoComparison>]
type Settings = {
    Radial: Radial
    /// The number of radial functions of every l = 0 .. lmax.
    RadialCounts: int[]
    Functions: Functions
    Cutoff: float
    /// Whether a particle is its own neighbour at r = 0.
    WithCentre: bool
    /// A factor of each pair that depends on its distance: smooth cutoffs, radial scaling.
    PairWeight: float -> float
} with

    member settings.MaxAngular = settings.RadialCounts.Length - 1

module Settings =
    /// n = 0 .. nmax for every l.
    let uniform lmax nmax = Array.create (lmax + 1) (nmax + 1)

    /// n = 0 .. ⌊(lmax - l)/2⌋.
    let coupled lmax = Array.init (lmax + 1) (fun l -> (lmax - l) / 2 + 1)

    /// Orthonormal GTOs of width 1.5, cutoff 5, the centre included, no pair weights.
    let gto lmax nmax = {
        Radial = Gto 1.5
        RadialCounts = uniform lmax nmax
        Functions = Orthonormal 1e-8
        Cutoff = 5.0
        WithCentre = true
        PairWeight = fun _ -> 1.0
    }

/// Expansion coefficients by [l][m + l][n].
type Coefficients = float[][][]

module Coefficients =
    let zero (counts: int[]) : Coefficients =
        Array.init counts.Length (fun l -> Array.init (2 * l + 1) (fun _ -> Array.zeroCreate counts[l]))

    let map2 (f: float -> float -> float) (a: Coefficients) (b: Coefficients) : Coefficients =
        Array.map2 (Array.map2 (Array.map2 f)) a b

    let scale (s: float) (a: Coefficients) : Coefficients = Array.map (Array.map (Array.map (fun x -> s * x))) a

    /// l slowest, then m, then n.
    let flatten (a: Coefficients) = a |> Array.collect Array.concat

    /// Every l's functions exchanged for linear combinations of themselves: c_n = Σ_k c_k X_kn.
    let combine (matrices: float[,][]) (a: Coefficients) : Coefficients =
        Array.map2
            (fun (x: float[,]) ->
                Array.map (fun row ->
                    Array.init (Array2D.length2 x) (fun n -> Seq.sum (Seq.mapi (fun k c -> c * x[k, n]) row))))
            matrices
            a

    /// The matrix X of `combine` for each l that takes bare primitives to the functions asked for.
    let matrices (radial: Radial) (counts: int[]) functions : float[,][] =
        let diagonal (f: int -> float) size = Array2D.init size size (fun n k -> if n = k then f n else 0.0)

        counts
        |> Array.mapi (fun l count ->
            match functions with
            | Bare -> diagonal (fun _ -> 1.0) count
            | Normalised -> diagonal (fun n -> RadialBasis.normalisation radial (l + 2 * n)) count
            | Orthonormal rcond -> RadialBasis.bigOrthonormal radial rcond l count |> Array2D.map _.ToFloat())
