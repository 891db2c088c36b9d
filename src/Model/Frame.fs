namespace AniSoap

open System.Collections.Immutable

/// One configuration: particles in the order of the file, and the cell they live in. A frame may be empty.
[<NoComparison>]
type Frame = {
    /// The particles, in the order of the file.
    Particles: ImmutableArray<Ellipsoid>
    /// The cell, and along which of its vectors everything repeats.
    Cell: Cell
}

/// Configurations of particles.
module Frame =
    /// A frame of particles, in their order. Positions outside of the cell are allowed.
    let create cell (particles: Ellipsoid seq) : Frame = {
        Particles = ImmutableArray.CreateRange particles
        Cell = cell
    }

    /// The species that occur in the frame, ascending.
    let species (frame: Frame) = frame.Particles |> Seq.map _.Species |> Seq.distinct |> Seq.sort |> Seq.toArray
