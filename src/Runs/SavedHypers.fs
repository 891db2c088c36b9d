namespace AniSoap.Formats

open System.Collections.Generic
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open AniSoap

/// Hyperparameters as far as a file gives them, and what it says about species and orientations; `None` where it says
/// nothing. Names are those of the keywords in the file.
type SavedHypers = {
    /// `max_angular`.
    MaxAngular: int option
    /// `max_radial`: a number, a list of them, or null for coupled.
    MaxRadial: RadialCount option
    /// `radial_basis_name`: gto or monomial.
    RadialBasisName: string option
    /// `radial_gaussian_width`.
    RadialGaussianWidth: float option
    /// `cutoff_radius`.
    CutoffRadius: float option
    /// `subtract_center_contribution`.
    SubtractCenterContribution: bool option
    /// `center_density`: merged, own or none.
    CenterDensity: CenterDensity option
    /// `density_scale`.
    DensityScale: float option
    /// `species_mixing`: an object of channels and seed, or of weights: a list for every species.
    SpeciesMixing: SpeciesMixing option
    /// `normalize`.
    NormalizeSpectra: bool option
    /// `average`: outer or inner.
    Averaging: Averaging option
    /// `basis_rcond`.
    BasisRcond: float option
    /// `basis_tol`.
    BasisTolerance: float option
    /// `cutoff_smoothing_width`.
    SmoothingWidth: float option
    /// `radial_scaling`: an object of scale, rate and exponent.
    RadialScaling: RadialScaling option
    /// `rotation_type`: quaternion or matrix.
    RotationType: string option
    /// `rotation_key`: the name of the orientations' columns.
    RotationKey: string option
    /// `species`, ascending.
    Species: int list option
}

/// Hyperparameters in files: JSON under the keywords of the Python package's constructor and a few more. Strict: what is
/// not understood is refused with the line that it stands on, and so is a keyword that stands twice.
module SavedHypers =

    [<Literal>]
    let private Gto = "gto"

    [<Literal>]
    let private Monomial = "monomial"

    /// Nothing is said.
    let nothing: SavedHypers = {
        MaxAngular = None
        MaxRadial = None
        RadialBasisName = None
        RadialGaussianWidth = None
        CutoffRadius = None
        SubtractCenterContribution = None
        CenterDensity = None
        DensityScale = None
        SpeciesMixing = None
        NormalizeSpectra = None
        Averaging = None
        BasisRcond = None
        BasisTolerance = None
        SmoothingWidth = None
        RadialScaling = None
        RotationType = None
        RotationKey = None
        Species = None
    }

    let private keywords = [
        "max_angular"
        "max_radial"
        "radial_basis_name"
        "radial_gaussian_width"
        "cutoff_radius"
        "subtract_center_contribution"
        "center_density"
        "density_scale"
        "species_mixing"
        "normalize"
        "average"
        "basis_rcond"
        "basis_tol"
        "cutoff_smoothing_width"
        "radial_scaling"
        "rotation_type"
        "rotation_key"
        "species"
    ]

    // --- reading ----------------------------------------------------------------------------------------------------

    /// Centres' own densities by their names in files.
    let private centers = [ "merged", CenterDensity.Merged; "own", CenterDensity.Own; "none", CenterDensity.Absent ]

    /// The name of a centre's own density in files.
    let centerName (density: CenterDensity) : string = centers |> List.find (fun (_, one) -> one = density) |> fst

    /// What is known with what one keyword says.
    let private withKeyword (known: SavedHypers) keyword (rest: Queue<JsonToken>) (token: JsonToken) =
        let set read change = read token |> Result.map change

        let text (token: JsonToken) =
            if token.Kind = JsonTokenType.String then
                Ok token.Text
            else
                JsonTokens.refuse token keyword "a text"

        match keyword with
        | "max_angular" -> set (JsonTokens.whole keyword) (fun value -> { known with MaxAngular = Some value })
        | "max_radial" -> set (HypersTokens.maxRadial rest) (fun value -> { known with MaxRadial = Some value })
        | "radial_basis_name" ->
            set (JsonTokens.word keyword [ Gto; Monomial ]) (fun value -> { known with RadialBasisName = Some value })
        | "radial_gaussian_width" ->
            set (JsonTokens.orNull (JsonTokens.number keyword)) (fun value -> {
                known with
                    RadialGaussianWidth = value
            })
        | "cutoff_radius" -> set (JsonTokens.number keyword) (fun value -> { known with CutoffRadius = Some value })
        | "subtract_center_contribution" ->
            set (JsonTokens.truth keyword) (fun value -> { known with SubtractCenterContribution = Some value })
        | "center_density" ->
            set (JsonTokens.word keyword (List.map fst centers)) (fun value -> {
                known with
                    CenterDensity = Some(snd (List.find (fun (name, _) -> name = value) centers))
            })
        | "density_scale" -> set (JsonTokens.number keyword) (fun value -> { known with DensityScale = Some value })
        | "species_mixing" -> set (JsonTokens.mixing rest) (fun value -> { known with SpeciesMixing = value })
        | "average" ->
            set (JsonTokens.word keyword [ "outer"; "inner" ]) (fun value -> {
                known with
                    Averaging = Some(if value = "inner" then Averaging.Inner else Averaging.Outer)
            })
        | "normalize" -> set (JsonTokens.truth keyword) (fun value -> { known with NormalizeSpectra = Some value })
        | "basis_rcond" -> set (JsonTokens.number keyword) (fun value -> { known with BasisRcond = Some value })
        | "basis_tol" -> set (JsonTokens.number keyword) (fun value -> { known with BasisTolerance = Some value })
        | "cutoff_smoothing_width" ->
            set (JsonTokens.orNull (JsonTokens.number keyword)) (fun value -> { known with SmoothingWidth = value })
        | "radial_scaling" -> set (HypersTokens.scaling rest) (fun value -> { known with RadialScaling = value })
        | "rotation_type" ->
            set (JsonTokens.word keyword [ "quaternion"; "matrix" ]) (fun value -> {
                known with
                    RotationType = Some value
            })
        | "rotation_key" -> set text (fun value -> { known with RotationKey = Some value })
        | _ -> set (HypersTokens.species rest) (fun value -> { known with Species = value })

    let private readObject (rest: Queue<JsonToken>) =
        let rec fields known seen =
            match rest.Dequeue() with
            | token when token.Kind = JsonTokenType.EndObject -> Ok known
            | name when not (List.contains name.Text keywords) ->
                JsonTokens.refuseValue name "keyword" name.Text (String.concat ", " keywords)
            | name when Set.contains name.Text seen ->
                JsonTokens.refuseValue name "keyword" name.Text "each keyword once"
            | name ->
                withKeyword known name.Text rest (rest.Dequeue())
                |> Result.bind (fun known -> fields known (Set.add name.Text seen))

        match rest.Dequeue() with
        | token when token.Kind = JsonTokenType.StartObject -> fields nothing Set.empty
        | token -> JsonTokens.refuse token "the file" "one JSON object of hyperparameters"

    /// Reads one JSON object with nothing after it; `source` is its name in errors.
    let ofJson (source: string) (json: byte[]) : Result<SavedHypers, AniSoapError> =
        JsonTokens.tokens json
        |> Result.bind readObject
        |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some source })

    /// What is said of the centre's own density, by either keyword; refused where they contradict each other.
    let center (saved: SavedHypers) : Result<CenterDensity option, AniSoapError> =
        match saved.SubtractCenterContribution, saved.CenterDensity with
        | None, given -> Ok given
        | Some true, None -> Ok(Some CenterDensity.Absent)
        | Some false, None -> Ok(Some CenterDensity.Merged)
        | Some isAbsent, Some density when isAbsent = (density = CenterDensity.Absent) -> Ok(Some density)
        | Some isAbsent, Some density ->
            AniSoapError.invalid
                "center_density"
                (centerName density)
                (if isAbsent then
                     "none, or nothing, where subtract_center_contribution is true"
                 else
                     "merged or own where subtract_center_contribution is false")
            |> Error

    /// All hyperparameters, checked, with the defaults of those that nothing is said of.
    let complete (saved: SavedHypers) : Result<Hypers, AniSoapError> =
        let isMonomial = saved.RadialBasisName = Some Monomial

        match saved.MaxAngular, saved.RadialGaussianWidth, saved.CutoffRadius with
        | _, Some width, _ when isMonomial ->
            Error(AniSoapError.invalid "radial_gaussian_width" width "nothing: the monomial basis has no width")
        | None, _, _ -> Error(Missing("max_angular", "it has no default", Place.Unknown))
        | _, None, _ when not isMonomial -> Error(Missing("radial_gaussian_width", "it has no default", Place.Unknown))
        | _, _, None -> Error(Missing("cutoff_radius", "it has no default", Place.Unknown))
        | Some maxAngular, width, Some cutoff ->
            let basis =
                match width with
                | Some width -> RadialBasis.Gto width
                | None -> RadialBasis.Monomial

            let known = HyperRules.create maxAngular basis cutoff

            center saved
            |> Result.bind (fun center ->
                Projection.validate {
                    known with
                        MaxRadial = defaultArg saved.MaxRadial known.MaxRadial
                        CenterDensity = defaultArg center known.CenterDensity
                        DensityScale = defaultArg saved.DensityScale known.DensityScale
                        SpeciesMixing = saved.SpeciesMixing
                        NormalizeSpectra = defaultArg saved.NormalizeSpectra known.NormalizeSpectra
                        Averaging = defaultArg saved.Averaging known.Averaging
                        Smoothing =
                            match saved.SmoothingWidth with
                            | Some width -> Smoothing.ShiftedCosine width
                            | None -> known.Smoothing
                        RadialScaling = saved.RadialScaling
                        BasisRcond = defaultArg saved.BasisRcond known.BasisRcond
                        BasisTolerance = defaultArg saved.BasisTolerance known.BasisTolerance
                })

    // --- writing ----------------------------------------------------------------------------------------------------

    /// One line of JSON.
    let internal json (write: Utf8JsonWriter -> unit) : string =
        use memory = new MemoryStream()
        // Outputs are data, not web pages: names stand as they are.
        use writer =
            new Utf8JsonWriter(memory, JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping))

        write writer
        writer.Flush()
        Encoding.UTF8.GetString(memory.ToArray())

    /// The value of `species_mixing`.
    let writeMixing (writer: Utf8JsonWriter) (mixing: SpeciesMixing) =
        writer.WriteStartObject()

        match mixing with
        | SpeciesMixing.Random(channels, seed) ->
            writer.WriteNumber("channels", channels)
            writer.WriteNumber("seed", seed)
        | SpeciesMixing.Weights weights ->
            writer.WriteStartObject "weights"

            for KeyValue(species, numbers) in weights do
                writer.WriteStartArray(string species)

                for number in numbers do
                    writer.WriteNumberValue number

                writer.WriteEndArray()

            writer.WriteEndObject()

        writer.WriteEndObject()

    /// All hyperparameters under their keywords, so that nothing depends on a later version's defaults, and what was said
    /// about orientations.
    let toJson (rotationType: string option) (rotationKey: string option) (hypers: Hypers) : string =
        json (fun writer ->
            writer.WriteStartObject()
            writer.WriteNumber("max_angular", hypers.MaxAngular)
            writer.WritePropertyName "max_radial"

            match hypers.MaxRadial with
            | RadialCount.Uniform number -> writer.WriteNumberValue number
            | RadialCount.PerAngular numbers ->
                writer.WriteStartArray()

                for number in numbers do
                    writer.WriteNumberValue number

                writer.WriteEndArray()
            | RadialCount.Coupled -> writer.WriteNullValue()

            match hypers.RadialBasis with
            | RadialBasis.Gto width ->
                writer.WriteString("radial_basis_name", Gto)
                writer.WriteNumber("radial_gaussian_width", width)
            | RadialBasis.Monomial -> writer.WriteString("radial_basis_name", Monomial)

            writer.WriteNumber("cutoff_radius", hypers.CutoffRadius)
            writer.WriteBoolean("subtract_center_contribution", hypers.SubtractCenterContribution)

            // What the Python package has no keyword for stands there only where it is not as there.
            if hypers.CenterDensity = CenterDensity.Own then
                writer.WriteString("center_density", centerName hypers.CenterDensity)

            if hypers.DensityScale <> 1.0 then
                writer.WriteNumber("density_scale", hypers.DensityScale)

            hypers.SpeciesMixing
            |> Option.iter (fun mixing ->
                writer.WritePropertyName "species_mixing"
                writeMixing writer mixing)

            if hypers.NormalizeSpectra then
                writer.WriteBoolean("normalize", true)

            if hypers.Averaging = Averaging.Inner then
                writer.WriteString("average", "inner")

            writer.WriteNumber("basis_rcond", hypers.BasisRcond)
            writer.WriteNumber("basis_tol", hypers.BasisTolerance)

            match hypers.Smoothing with
            | Smoothing.ShiftedCosine width -> writer.WriteNumber("cutoff_smoothing_width", width)
            | Smoothing.Step -> ()

            match hypers.RadialScaling with
            | Some scaling ->
                writer.WriteStartObject "radial_scaling"
                writer.WriteNumber("scale", scaling.Scale)
                writer.WriteNumber("rate", scaling.Rate)
                writer.WriteNumber("exponent", scaling.Exponent)
                writer.WriteEndObject()
            | None -> ()

            rotationType
            |> Option.iter (fun text -> writer.WriteString("rotation_type", text))

            rotationKey
            |> Option.iter (fun text -> writer.WriteString("rotation_key", text))

            writer.WriteEndObject())
