/// Whether a projection can expand a frame, without allocating where that is plain to see.
module internal AniSoap.Numerics.FrameCheck

open System
open AniSoap

/// Far inside of everything that `FrameRules.check` refuses, by bounds that take one pass over the particles. False says nothing.
let private isPlain (projection: Projection) (frame: Frame) =
    FullOptimization.ask ()
    let particles = frame.Particles
    let cutoff = projection.Hypers.CutoffRadius
    let mutable largest = 0.0
    let mutable longest = 0.0
    let mutable isKnown = true

    for i in 0 .. particles.Length - 1 do
        let position = particles.PositionOf i
        let axes = particles.SemiAxesOf i
        largest <- max largest (max (abs position.X) (max (abs position.Y) (abs position.Z)))
        longest <- max longest (max axes.X (max axes.Y axes.Z))
        isKnown <- isKnown && projection.SpeciesIndex(particles.SpeciesOf i) >= 0

    let rows = Matrix3.transpose (Matrix3.inverse frame.Cell.Basis)
    let periodicity = frame.Cell.Periodicity
    let a = if periodicity.A then Vector3.norm rows.Row1 else 0.0
    let b = if periodicity.B then Vector3.norm rows.Row2 else 0.0
    let c = if periodicity.C then Vector3.norm rows.Row3 else 0.0
    let images = (2.0 * cutoff * a + 1.0) * (2.0 * cutoff * b + 1.0) * (2.0 * cutoff * c + 1.0)
    let count = float particles.Length

    isKnown
    && largest <= 1e11 * cutoff
    && 2.0 * largest * max a (max b c) <= 1e8
    && images <= 1e6
    && FrameRules.holdsMoments projection longest
    && count <= 1e8
    && count * count * images <= float projection.Limits.MaxPairs
    && FrameRules.BytesPerParticle * count
       + FrameRules.BytesPerNeighbor * count * images
       <= float projection.Limits.MaxMemory

/// `FrameRules.check`, for any number of calls.
let run (projection: Projection) (frame: Frame) : Result<unit, AniSoapError> =
    if isPlain projection frame then
        Ok()
    else
        FrameRules.check projection frame
