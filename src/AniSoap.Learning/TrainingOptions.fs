namespace AniSoap.Learning

open AniSoap

/// How a potential is trained. Start from `PotentialTraining.defaults`.
[<NoComparison>]
type TrainingOptions = {
    /// The pair spectra; none: chosen among a few by what they leave of held-out frames.
    Hypers: PairHypers option
    /// The cutoff radius of pair spectra that are chosen; none: from the data.
    CutoffRadius: float option
    /// Over what length they are smoothed before the cutoff, 0 for not at all; none: a tenth of the cutoff radius.
    SmoothingWidth: float option
    /// Whether the centre's own density beside the neighbour's has columns where pair spectra are chosen.
    HasOwnDensity: bool
    /// What semi-axes are multiplied by in the densities of pair spectra that are chosen; none: 0.6.
    DensityScale: float option
    /// How species are mixed in pair spectra that are chosen; none: every directed pair of species has its own columns.
    SpeciesMixing: SpeciesMixing option
    /// λ relative to the number of columns; none: chosen by held-out frames.
    Regularization: float option
    /// What energies count beside forces, each in units of their own spread; none: √(N/5) for frames of N particles, at least 1.
    EnergyWeight: float option
    /// The same of torques.
    TorqueWeight: float
    /// The same of virials.
    VirialWeight: float
    /// From 0, where all rows count alike, to 1, where rows of particles count the less the more acts on them.
    Robustness: float
    /// Parts of the frames, every so many-th one each, that are held out in turn.
    Folds: int
    /// Members of a committee that tells how sure the potential is (`PotentialUncertainty`), each trained on half of the folds; 0: none.
    Committee: int
    /// Whether particles are bodies made of sites, and how these are found.
    Bodies: SiteOptions
    /// What decomposes rows of pair spectra where frames are not gone through in parts.
    LinearAlgebra: LinearAlgebra
    /// Computing threads; 0: as many as there are processors.
    Threads: int
}
