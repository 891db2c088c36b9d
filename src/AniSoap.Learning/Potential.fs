namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// What a potential says of a frame, in the units of what it was trained on.
[<NoComparison>]
type PotentialResult = {
    /// The energy of the frame: 0 for particles beyond each other's cutoff.
    Energy: float
    /// Forces on the particles, lab frame.
    Forces: ImmutableArray<Vector3>
    /// Torques on the particles, lab frame, each about its centre.
    Torques: ImmutableArray<Vector3>
    /// W_ab = Σ r_a f_b = −∂E/∂ε_ab at fixed orientations, row a, column b.
    Virial: Matrix3
}

/// How a potential was fitted.
[<NoComparison>]
type PotentialFit = {
    /// Frames that it was trained on.
    Frames: int
    /// λ, relative to the number of columns, all of norm 1.
    Regularization: float
    /// Held-out sum of weighted squares over that of the targets themselves, by the folds of frames; NaN where none were held out.
    HeldOut: float
}

/// The part of a potential that is linear in pair spectra.
[<Sealed>]
type ContactPotential internal (basis: PairBasis, weights: float[], uncertainty: PotentialUncertainty option) =
    internal new(basis, weights) = ContactPotential(basis, weights, None)

    /// What the energy is linear in.
    member _.Basis = basis

    /// A weight for every column of `PairBasis.properties`.
    member _.Weights: ReadOnlyMemory<float> = ReadOnlyMemory weights

    /// What it knows of its own errors, where it was trained with a committee (`SpreadEngine`).
    member _.Uncertainty = uncertainty

    member internal _.Values = weights

/// A potential of ellipsoids: an energy that is linear in pair spectra, or that of bodies made of sites, or the sum of both, with the forces, torques and virial that follow from it. Immutable.
[<Sealed>]
type Potential
    internal (contact: ContactPotential option, sites: SitePotential option, fit: PotentialFit, trials: SiteTrial list)
    =
    /// The part that is linear in pair spectra.
    member _.Contact = contact

    /// The part of bodies made of sites.
    member _.Sites = sites

    /// How it was fitted.
    member _.Fit = fit

    /// The numbers of sites and of types that were tried in training; empty where none were, and where the file does not say.
    member _.Trials = trials

    /// The distance from which on particles do not act on each other.
    member _.CutoffRadius: float =
        // A body's sites reach beyond its centre.
        let reach (one: SitePotential) =
            one.Cutoff.Radius
            + 2.0
              * (one.Bodies
                 |> Seq.collect _.Sites
                 |> Seq.map (fun site -> Vector3.norm site.Position)
                 |> Seq.fold max 0.0)

        max
            (match contact with
             | Some one -> one.Basis.Hypers.CutoffRadius
             | None -> 0.0)
            (match sites with
             | Some one -> reach one
             | None -> 0.0)

    /// The species that it was trained on, ascending.
    member _.Species: ImmutableArray<int> =
        Seq.append
            (match contact with
             | Some one -> seq one.Basis.Species
             | None -> Seq.empty)
            (match sites with
             | Some one -> one.Bodies |> Seq.map _.Species
             | None -> Seq.empty)
        |> Seq.distinct
        |> Seq.sort
        |> ImmutableArray.CreateRange

    /// Weights of all parts.
    member _.Length: int =
        (match contact with
         | Some one -> one.Basis.Length
         | None -> 0)
        + (match sites with
           | Some one ->
               one.Functions
               |> Seq.sumBy (fun f ->
                   match f.Form with
                   | SiteForm.Exponentials(_, weights)
                   | SiteForm.Splines(_, _, weights) -> weights.Length)
           | None -> 0)

    /// What evaluates one frame after another without allocating, on so many threads (0: as many as there are processors).
    member _.Engine(threads: int) : Result<PotentialEngine, AniSoapError> =
        let part make =
            function
            | Some one -> make one |> Result.map Some
            | None -> Ok None

        part (fun (one: ContactPotential) -> PairEnergy.Create(one.Basis, one.Weights, threads)) contact
        |> Result.bind (fun first ->
            part (fun (one: SitePotential) -> SiteEnergy.Create(one.Model, threads)) sites
            |> Result.map (fun second -> PotentialEngine(first, second)))

/// Potentials of ellipsoids.
module Potential =
    let private vectors (numbers: float[]) =
        let builder = ImmutableArray.CreateBuilder(numbers.Length / 3)

        for i in 0 .. numbers.Length / 3 - 1 do
            builder.Add(Vector3.create numbers[3 * i] numbers[3 * i + 1] numbers[3 * i + 2])

        builder.MoveToImmutable()

    /// What an engine has written for a frame.
    let internal resultOf (energy: float) (forces: float[]) (torques: float[]) (virial: float[]) : PotentialResult = {
        Energy = energy
        Forces = vectors forces
        Torques = vectors torques
        Virial =
            Matrix3.ofRows
                (Vector3.create virial[0] virial[1] virial[2])
                (Vector3.create virial[3] virial[4] virial[5])
                (Vector3.create virial[6] virial[7] virial[8])
    }

    /// The same by an engine of the potential, which keeps its memory from frame to frame.
    let evaluateWith (engine: PotentialEngine) (frame: Frame) : Result<PotentialResult, AniSoapError> =
        let count = 3 * frame.Particles.Length
        let forces, torques, virial = Array.zeroCreate count, Array.zeroCreate count, Array.zeroCreate<float> 9

        engine.Evaluate(frame, Memory forces, Memory torques, Memory virial)
        |> Result.map (fun energy -> resultOf energy forces torques virial)

    /// Energy, forces, torques and virial of a frame. Refuses frames with species that it was not trained on.
    let evaluate (potential: Potential) (frame: Frame) : Result<PotentialResult, AniSoapError> =
        potential.Engine 1 |> Result.bind (fun engine -> evaluateWith engine frame)

    /// The same of frames, one after another, lazily.
    let evaluateAll
        (threads: int)
        (potential: Potential)
        (frames: Frame seq)
        : seq<Result<PotentialResult, AniSoapError>> =
        seq {
            match potential.Engine threads with
            | Error error -> Error error
            | Ok engine ->
                for frame in frames do
                    evaluateWith engine frame
        }

    let private flat (vectors: ImmutableArray<Vector3>) =
        ColumnValues.Reals(ImmutableArray.CreateRange(vectors |> Seq.collect (fun v -> [ v.X; v.Y; v.Z ])))

    /// The snapshot with `energy`, `virial` (rows of W_ab) and the columns `forces` and `torques` as the potential has them, in place of the file's.
    let label (result: PotentialResult) (snapshot: Snapshot) : Result<Snapshot, AniSoapError> =
        let v = result.Virial
        let row (r: Vector3) = InfoValue.Reals(ImmutableArray.Create(r.X, r.Y, r.Z))

        let info =
            (snapshot.Info
             |> List.filter (fun (name, _) -> name <> Quantities.Energy && name <> "virial" && name <> "virial6"))
            @ [
                Quantities.Energy, InfoValue.Real result.Energy
                "virial", InfoValue.Rows(ImmutableArray.Create(row v.Row1, row v.Row2, row v.Row3))
            ]

        attempt {
            let! forces = ParticleColumn.create Quantities.Forces 3 (flat result.Forces)
            let! torques = ParticleColumn.create Quantities.Torques 3 (flat result.Torques)

            let others =
                snapshot.Columns
                |> List.filter (fun column ->
                    let name = Quantities.canonical column.Name
                    name <> Quantities.Forces && name <> Quantities.Torques)

            return!
                Snapshot.create snapshot.Frame snapshot.SpeciesNames snapshot.Step info (others @ [ forces; torques ])
        }
