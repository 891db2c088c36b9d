namespace AniSoap

open System.Collections.Immutable

/// One configuration: particles in the order of the file, and the cell they live in. A frame may be empty.
[<NoComparison>]
type Frame = { Particles: ImmutableArray<Ellipsoid>; Cell: Cell }

module Frame =
    let create cell (particles: Ellipsoid seq) : Frame = {
        Particles = ImmutableArray.CreateRange particles
        Cell = cell
    }

    /// The species that occur in the frame, ascending.
    let species (frame: Frame) = frame.Particles |> Seq.map _.Species |> Seq.distinct |> Seq.sort |> Seq.toArray
