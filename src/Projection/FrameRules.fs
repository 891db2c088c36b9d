namespace AniSoap

open System
open AniSoap.Numerics

/// Which frames a projection can expand.
module internal FrameRules =
    /// Most particles of a frame: sixteen numbers of each stand in one array.
    [<Literal>]
    let private MostParticles = 134_000_000

    /// Bytes for a neighbour of the centre under study.
    [<Literal>]
    let BytesPerNeighbor = 64.0

    /// Bytes for a particle of the frame under study: its Gaussian and its place in the grid.
    [<Literal>]
    let BytesPerParticle = 400.0

    /// Whether pairs and memory of a frame stay within the limits.
    let private checkCost (projection: Projection) (frame: Frame) =
        let limits = projection.Limits
        let cutoff = projection.Hypers.CutoffRadius
        let own = BytesPerParticle * float frame.Particles.Length
        let memory (estimate: PairEstimate) = own + BytesPerNeighbor * estimate.Most
        let fits (estimate: PairEstimate) = memory estimate <= float limits.MaxMemory
        let quick = PairEstimate.ofFrame (float limits.MaxPairs) cutoff frame
        // A bound that is too large says nothing: then particles are counted.
        let estimate =
            if fits quick then
                quick
            else
                PairEstimate.ofFrame 0.0 cutoff frame

        Limits.checkPairs limits cutoff (Limits.rounded estimate.Pairs)
        |> Result.bind (fun () ->
            Limits.checkMemory limits "the neighbours of one frame" (Limits.rounded (memory estimate)))

    /// Whether doubles hold all moments of particles with semi-axes of up to this length.
    let holdsMoments (projection: Projection) (longest: float) =
        match projection.Hypers.RadialBasis with
        | Gto _ -> true
        | RadialBasis.Monomial ->
            let power = float projection.Degree
            let scaled = projection.PerSemiAxis * longest
            Math.Pow(max 1.0 scaled * (power + 1.0), power) * 1e30 < Projection.LargestMoment

    /// A frame that this projection can expand: its species are among the projection's, no moment of a particle overflows, and its
    /// neighbours can be found.
    let check (projection: Projection) (frame: Frame) : Result<unit, AniSoapError> =
        let known = projection.Species

        let problem (index: int) =
            let species = frame.Particles.SpeciesOf index
            let a = frame.Particles.SemiAxesOf index
            let longest = max a.X (max a.Y a.Z)

            if projection.SpeciesIndex species < 0 then
                Some(
                    AniSoapError.invalid
                        "species"
                        species
                        ("the species of the run: " + System.String.Join(", ", Seq.map string known))
                    |> AniSoapError.at { Place.Unknown with Particle = Some index }
                )
            elif not (holdsMoments projection longest) then
                Some(
                    AniSoapError.invalid
                        "semi-axis"
                        longest
                        ("a length whose ratio to the cutoff radius, to the power "
                         + string projection.Degree
                         + " = max(l + 2n), fits into double precision")
                    |> AniSoapError.at { Place.Unknown with Particle = Some index }
                )
            else
                None

        let mutable found = None
        let mutable i = 0

        while found.IsNone && i < frame.Particles.Length do
            found <- problem i
            i <- i + 1

        match found with
        | Some error -> Error error
        | None when frame.Particles.Length > MostParticles ->
            AniSoapError.invalid
                "particles of a frame"
                frame.Particles.Length
                (String.Concat("at most ", MostParticles))
            |> Error
        | None ->
            NeighborLimits.check projection.Hypers.CutoffRadius frame
            |> Result.bind (fun () -> checkCost projection frame)
