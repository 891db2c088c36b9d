namespace AniSoap

open System

/// Where finished rows go, in the order of frames (and of particles): `frame` is the frame's number; for means `particle` and `centerType` are −1 and
/// the row holds the species' spectra one after the other, else they are the particle's. The values are gone after the call.
type SpectrumRowHandler = delegate of frame: int * particle: int * centerType: int * values: ReadOnlySpan<float> -> unit

/// The same with rows that may leave out columns of species that a frame does not hold: nothing is written or cleared for these.
type SparseRowHandler = delegate of frame: int * particle: int * centerType: int * row: SparseRow -> unit

/// How a run is going: frames, particles and pairs done so far.
type internal SpectrumProgressHandler = delegate of frames: int64 * particles: int64 * pairs: int64 -> unit

/// How a run is carried out, and which rows it gives.
type internal SpectrumOptions = {
    /// Computing threads; 0: as many as there are processors. With 1 reading, computing and writing take turns on the calling thread; with more they overlap: a thread of its own
    /// reads ahead (unless reading takes no time), and whichever computing thread completes a row writes it while the others go on.
    Threads: int
    /// A row a particle instead of a row a frame.
    PerParticle: bool
    /// Which columns a row has.
    Columns: SpectrumColumns
}
