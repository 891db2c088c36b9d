namespace AniSoap

open System.Collections.Immutable
open AniSoap.Display

/// One configuration: particles in the order of the file, and the cell they live in. A frame may be empty.
[<NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
[<TypeFormatterSource(typeof<DisplaySource>)>]
type Frame = {
    /// The particles, in the order of the file.
    Particles: ImmutableArray<Ellipsoid>
    /// The cell that they live in.
    Cell: Cell
} with

    member internal frame.Shown =
        let species = frame.Particles |> Seq.map _.Species |> Seq.distinct |> Seq.sort |> Seq.toList

        let cell =
            let vectors = frame.Cell.Vectors
            let vector (v: Vector3) = DisplayTable.numbers [ v.X; v.Y; v.Z ]
            let periodic = frame.Cell.Periodicity

            let axes =
                [ "a", periodic.A; "b", periodic.B; "c", periodic.C ]
                |> List.filter snd
                |> List.map fst
                |> String.concat ", "

            if frame.Cell = Cell.none then
                "no cell"
            else
                let repeats = if axes = "" then "nothing" else axes

                ("cell "
                 + vector vectors.Row1
                 + ", "
                 + vector vectors.Row2
                 + ", "
                 + vector vectors.Row3
                 + ", periodic: "
                 + repeats)

        DisplayTable.create
            (string frame.Particles.Length
             + " particles of species "
             + System.String.Join(',', Seq.map string species)
             + "; "
             + cell)
            [ "#"; "species"; "position"; "orientation (w, x, y, z)"; "semi-axes" ]
            frame.Particles.Length
            (fun i -> string i :: frame.Particles[i].Cells)

    member internal frame.Display = DisplayTable.toText frame.Shown

    interface IDisplayed with
        member frame.ToHtml() = DisplayTable.toHtml frame.Shown

    /// The number of particles, the cell, and the first particles, as a short table.
    override frame.ToString() = frame.Display

/// Configurations of particles.
module Frame =
    /// A frame of particles, in their order. Positions outside of the cell are allowed.
    let create cell (particles: Ellipsoid seq) : Frame = {
        Particles = ImmutableArray.CreateRange particles
        Cell = cell
    }

    /// The species that occur in the frame, ascending.
    let species (frame: Frame) = frame.Particles |> Seq.map _.Species |> Seq.distinct |> Seq.sort |> Seq.toArray
