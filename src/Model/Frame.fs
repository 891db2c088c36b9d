namespace AniSoap

open AniSoap.Display

/// One configuration: particles in the order of the file, and the cell they live in. A frame may be empty.
[<NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
[<TypeFormatterSource(typeof<DisplaySource>)>]
type Frame = {
    /// The particles, in the order of the file.
    Particles: ParticleArray
    /// The cell that they live in.
    Cell: Cell
} with

    /// The number of particles.
    member frame.Count = frame.Particles.Length

    member internal frame.Shown =
        let species = frame.Particles.SpeciesAscending

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
    let create cell (particles: Ellipsoid seq) : Frame = { Particles = ParticleArray.ofSeq particles; Cell = cell }

    /// The species that occur in the frame, ascending.
    let species (frame: Frame) : int[] = frame.Particles.SpeciesAscending

    /// A frame of numbers that stand in arrays: the species' number of each particle; x, y, z of each centre; w, x, y, z of each
    /// quaternion, which is normalised; the semi-axes along x, y and z of each body. The arrays are copied. Refuses what
    /// `Ellipsoid.create` refuses, and arrays of other lengths.
    let ofArrays
        (cell: Cell)
        (species: int[])
        (positions: float[])
        (orientations: float[])
        (semiAxes: float[])
        : Result<Frame, AniSoapError> =
        let count = species.Length

        let wrong =
            [ "positions", positions, 3L; "orientations", orientations, 4L; "semi-axes", semiAxes, 3L ]
            |> List.tryFind (fun (_, given, width) -> given.LongLength <> width * int64 count)

        match wrong with
        | Some(name, given, width) ->
            AniSoapError.invalid
                ("length of " + name)
                given.Length
                (System.String.Concat(string (width * int64 count), ", ", string width)
                 + " for each of the particles that the species count")
            |> Error
        | None ->
            let builder = ParticleBuilder count
            let mutable failure = None
            let mutable i = 0

            while failure.IsNone && i < count do
                let vector (all: float[]) = Vector3.create all[3 * i] all[3 * i + 1] all[3 * i + 2]
                let at = 4 * i

                let turn =
                    Quaternion.create orientations[at] orientations[at + 1] orientations[at + 2] orientations[at + 3]

                match builder.Add(species[i], vector positions, turn, vector semiAxes) with
                | Ok() -> i <- i + 1
                | Error error -> failure <- Some(AniSoapError.at { Place.Unknown with Particle = Some i } error)

            match failure with
            | Some error -> Error error
            | None -> Ok { Particles = builder.ToArray(); Cell = cell }
