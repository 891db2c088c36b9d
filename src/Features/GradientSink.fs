namespace AniSoap

open System
open System.Collections.Immutable
open AniSoap.Numerics

/// What features are differentiated by (docs/conventions.md, *Derivatives*).
[<RequireQualifiedAccess>]
type GradientParameter =
    /// A particle and its periodic images move.
    | Positions
    /// A particle turns about the lab's axes through its own centre.
    | Orientations
    /// A particle's semi-axes along the body's x, y and z grow.
    | SemiAxes
    /// All positions and the cell become (1 + ε) r.
    | Strain

/// Which features.
type FeatureKind =
    /// The coefficients c_nlm of every centre.
    | ExpansionCoefficients of RadialForm
    /// The power spectrum of every centre.
    | ParticleSpectra of SpectrumColumns
    /// The mean power spectrum of each frame over its centres of each species.
    | MeanSpectra of SpectrumColumns
    /// The coefficients of every pair of a centre and a neighbour, not summed to centres.
    | PairCoefficients of RadialForm

module internal FeatureKind =
    let rows kind =
        match kind with
        | ExpansionCoefficients form
        | PairCoefficients form -> FeatureRows.CoefficientRows((form = RadialForm.Raw))
        | ParticleSpectra columns
        | MeanSpectra columns -> FeatureRows.SpectrumRows(SpectrumColumns.isCompact columns)

    /// The kind with all columns, of which chosen ones are taken when all derivatives are there.
    let whole kind =
        match kind with
        | ParticleSpectra columns -> ParticleSpectra(SpectrumColumns.whole columns)
        | MeanSpectra columns -> MeanSpectra(SpectrumColumns.whole columns)
        | _ -> kind

    /// The places of chosen columns among all; none where all are wanted.
    let picks projection kind =
        match kind with
        | ParticleSpectra columns
        | MeanSpectra columns -> SpectrumColumns.placesAmongAll columns projection
        | _ -> [||]

    /// Numbers of one row of features.
    let size (projection: Projection) kind =
        match kind with
        | ExpansionCoefficients _ ->
            let table = projection.Table

            Seq.init (table.MaxAngular + 1) (fun l -> (2 * l + 1) * table.Columns[l])
            |> Seq.sum
        | ParticleSpectra columns
        | MeanSpectra columns -> SpectrumColumns.length columns projection
        | PairCoefficients _ ->
            Seq.init (projection.Table.MaxAngular + 1) (fun l -> (2 * l + 1) * projection.RadialCount l)
            |> Seq.sum

    /// Whether blocks by the species of centres can have these columns: the projection has them, and they are the same for every species.
    let checkBlocks (projection: Projection) kind =
        match kind with
        | MeanSpectra(SomeColumns chosen) when not (chosen.AreOfEach projection.Species) ->
            Error(
                AniSoapError.invalid
                    "chosen columns"
                    "other columns for one species as centre than for another"
                    "the same columns in the same order for each, as blocks by center_type have them; a table (.npz) can have others"
            )
        | MeanSpectra(SomeColumns _ as columns) -> SpectrumColumns.check columns false projection
        | ParticleSpectra(SomeColumns _ as columns) -> SpectrumColumns.check columns true projection
        | _ -> Ok()

    /// Whether means are spectra of mean coefficients.
    let isInner (projection: Projection) kind =
        match kind with
        | MeanSpectra _ -> projection.Hypers.Averaging = Averaging.Inner
        | _ -> false

    /// What is added up over the centres of a frame for features of this kind: coefficients for spectra of mean coefficients, else the features.
    let summed (projection: Projection) kind =
        if isInner projection kind then
            ExpansionCoefficients RadialForm.Orthonormal
        else
            kind

    /// Whether doubles hold the derivatives of features of this kind, and arrays nine rows of them.
    let check (projection: Projection) kind =
        match kind with
        | ExpansionCoefficients form
        | PairCoefficients form -> Projection.checkForm form projection
        | ParticleSpectra columns
        | MeanSpectra columns ->
            checkBlocks projection kind
            |> Result.bind (fun () ->
                let all = SpectrumColumns.length (SpectrumColumns.whole columns) projection
                RunEstimate.checkRow true (2L * int64 all) projection)

    /// The same where centres come one by one: of these there is no mean of coefficients.
    let checkCenters (projection: Projection) kind =
        if isInner projection kind then
            Error(
                AniSoapError.invalid
                    "average"
                    "inner"
                    "outer for derivatives of one centre after another; Features.withGradients has those of inner means"
            )
        else
            check projection kind

/// What features can be derived by.
module GradientParameter =
    /// All of them.
    let all = [
        GradientParameter.Positions
        GradientParameter.Orientations
        GradientParameter.SemiAxes
        GradientParameter.Strain
    ]

    /// The name in a TensorMap and on the command line: positions, orientations, semiaxes, strain.
    let name parameter =
        match parameter with
        | GradientParameter.Positions -> "positions"
        | GradientParameter.Orientations -> "orientations"
        | GradientParameter.SemiAxes -> "semiaxes"
        | GradientParameter.Strain -> "strain"

    /// The parameter of a name.
    let ofName (text: string) : Result<GradientParameter, AniSoapError> =
        match all |> List.tryFind (fun parameter -> name parameter = text) with
        | Some parameter -> Ok parameter
        | None -> Error(AniSoapError.invalid "gradient" text (all |> List.map name |> String.concat ", "))

    let private axis (name: string) = Labels.trusted (ImmutableArray.Create<string> name) [| 0; 1; 2 |]

    /// The components that a gradient's block has before those of its features. Strain: with r′ = (1 + ε) r the entry [p][q] is ∂/∂ε_qp, stored as featomic
    /// and metatensor have it (xyz_2, then xyz_1).
    let internal components parameter =
        match parameter with
        | GradientParameter.Positions
        | GradientParameter.Orientations -> [ axis "xyz" ]
        | GradientParameter.SemiAxes -> [ axis "body_axis" ]
        | GradientParameter.Strain -> [ axis "xyz_2"; axis "xyz_1" ]

    /// The names of a gradient's samples: the row of features, and what it is differentiated by.
    let internal sampleNames parameter =
        match parameter with
        | GradientParameter.Strain -> ImmutableArray.Create<string> "sample"
        | _ -> ImmutableArray.Create<string>("sample", "system", "atom")

    /// The parameters of pairs, in the order of their names: as they are written.
    let internal ofPairs (parameters: Set<GradientParameter>) =
        all |> List.filter parameters.Contains |> List.sortBy name |> List.toArray

    let internal forward (parameters: Set<GradientParameter>) : ForwardParameters = {
        Positions = parameters.Contains GradientParameter.Positions
        Orientations = parameters.Contains GradientParameter.Orientations
        SemiAxes = parameters.Contains GradientParameter.SemiAxes
        Strain = parameters.Contains GradientParameter.Strain
    }

/// Takes features and their derivatives in the order of frames and particles.
type internal IGradientSink =
    /// A row of features of a centre of the species numbered `species`; `atom` is −1 for means.
    abstract Row: species: int * system: int * atom: int * values: ReadOnlySpan<float> -> unit

    /// What the row added last for this species changes by when `atom` moves, turns or grows: three rows.
    abstract Atom:
        parameter: GradientParameter * species: int * system: int * atom: int * rows: ReadOnlySpan<float> -> unit

    /// The same for strain: nine rows [p][q].
    abstract Strain: species: int * rows: ReadOnlySpan<float> -> unit

/// Takes the coefficients of pairs, and after each pair what they change by; its species are those of the pair's kind.
type internal IPairSink =
    inherit IGradientSink

    /// `kind` is the place of the centre's species times the number of species, and that of the neighbour's; the sample
    /// is system, first atom, second atom and the image of the second in cell vectors.
    abstract Pair: kind: int * sample: ReadOnlySpan<int> * values: ReadOnlySpan<float> -> unit

/// Takes chosen columns out of rows of all, and hands them on.
[<Sealed>]
type internal ChoosingSink(inner: IGradientSink, picks: int[], size: int) =
    let row = Array.zeroCreate<float>(9 * picks.Length)

    let pick (rows: ReadOnlySpan<float>) =
        let count = rows.Length / size

        for r in 0 .. count - 1 do
            for i in 0 .. picks.Length - 1 do
                row[r * picks.Length + i] <- rows[r * size + picks[i]]

        count * picks.Length

    interface IGradientSink with
        member _.Row(t, system, atom, values) =
            let length = pick values
            inner.Row(t, system, atom, ReadOnlySpan(row, 0, length))

        member _.Atom(parameter, t, system, atom, rows) =
            let length = pick rows
            inner.Atom(parameter, t, system, atom, ReadOnlySpan(row, 0, length))

        member _.Strain(t, rows) =
            let length = pick rows
            inner.Strain(t, ReadOnlySpan(row, 0, length))
