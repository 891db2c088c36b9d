namespace AniSoap.Learning

open System
open System.IO
open System.Text.Json
open AniSoap
open AniSoap.Formats

/// Potentials in files: JSON that says what its numbers are.
module PotentialFile =
    [<Literal>]
    let private Format = "anisoap potential"

    /// From 2 on there may be bodies.
    [<Literal>]
    let private Version = 2

    let private numbers (writer: Utf8JsonWriter) (name: string) (values: float seq) =
        writer.WriteStartArray name

        for value in values do
            writer.WriteNumberValue value

        writer.WriteEndArray()

    let private writeShape (writer: Utf8JsonWriter) (shape: ContactShape) =
        writer.WriteStartObject()

        match shape with
        | ContactShape.Scaled factor -> writer.WriteNumber("scale", factor)
        | ContactShape.BySpecies axes ->
            writer.WriteStartObject "semiaxes"

            for pair in axes do
                numbers writer (string pair.Key) [ pair.Value.X; pair.Value.Y; pair.Value.Z ]

            writer.WriteEndObject()

        writer.WriteEndObject()

    let private writeChannels (writer: Utf8JsonWriter) (name: string) (channels: ContactChannel list) =
        writer.WriteStartArray name

        for channel in channels do
            writer.WriteStartObject()

            match channel with
            | ContactChannel.Exponential rate -> writer.WriteNumber("rate", rate)
            | ContactChannel.Power(power, length) ->
                writer.WriteNumber("power", power)
                writer.WriteNumber("length", length)

            writer.WriteEndObject()

        writer.WriteEndArray()

    /// Writes hyperparameters as an object's members.
    let internal writeHypers (writer: Utf8JsonWriter) (hypers: PairHypers) =
        writer.WriteNumber("max_angular", hypers.MaxAngular)
        writer.WriteNumber("max_radial", hypers.MaxRadial)
        writer.WriteNumber("own_max_radial", hypers.OwnMaxRadial)
        writer.WriteNumber("neighbor_max_radial", hypers.NeighborMaxRadial)
        writer.WriteNumber("radial_gaussian_width", hypers.RadialGaussianWidth)
        writer.WriteNumber("cutoff_radius", hypers.CutoffRadius)

        match hypers.Smoothing with
        | Smoothing.Step -> ()
        | Smoothing.ShiftedCosine width -> writer.WriteNumber("cutoff_smoothing_width", width)

        writer.WriteNumber("density_scale", hypers.DensityScale)
        writer.WriteStartArray "contact_shapes"

        for shape in hypers.ContactShapes do
            writeShape writer shape

        writer.WriteEndArray()
        writeChannels writer "own_channels" hypers.OwnChannels
        writeChannels writer "neighbor_channels" hypers.NeighborChannels

        hypers.SpeciesMixing
        |> Option.iter (fun mixing ->
            writer.WritePropertyName "species_mixing"
            SavedHypers.writeMixing writer mixing)

        writer.WriteNumber("deepest_gap", hypers.DeepestGap)

    let private write (potential: Potential) (stream: Stream) =
        use writer = new Utf8JsonWriter(stream, JsonWriterOptions(Indented = true))
        writer.WriteStartObject()
        writer.WriteString("format", Format)
        writer.WriteNumber("version", (if potential.Sites.IsSome then Version else 1))

        potential.Contact
        |> Option.iter (fun contact ->
            writer.WriteStartArray "species"

            for species in contact.Basis.Species do
                writer.WriteNumberValue species

            writer.WriteEndArray()
            writer.WriteStartObject "hypers"
            writeHypers writer contact.Basis.Hypers
            writer.WriteEndObject())

        writer.WriteStartObject "fit"
        writer.WriteNumber("frames", potential.Fit.Frames)
        writer.WriteNumber("regularization", potential.Fit.Regularization)

        if Double.IsFinite potential.Fit.HeldOut then
            writer.WriteNumber("held_out", potential.Fit.HeldOut)

        writer.WriteEndObject()

        potential.Contact
        |> Option.iter (fun contact ->
            writer.WriteStartArray "columns"

            for name in (PairBasis.properties contact.Basis).Names do
                writer.WriteStringValue name

            writer.WriteEndArray()
            numbers writer "weights" (contact.Weights.ToArray())
            contact.Uncertainty |> Option.iter (UncertaintyFile.write writer))

        potential.Sites
        |> Option.iter (fun sites -> SiteFile.write writer sites potential.Trials)

        writer.WriteEndObject()

    /// Writes a potential to a file, whole or not at all.
    let save (existing: Existing) (path: string) (potential: Potential) : Result<unit, AniSoapError> =
        AtomicFile.Create(path, existing)
        |> Result.bind (fun file ->
            use file = file

            file.Write(fun stream -> write potential stream)
            |> Result.bind (fun () -> file.Commit()))

    let internal malformed path found expected : Result<'a, AniSoapError> =
        Error(Malformed(found, expected, { Place.Unknown with Source = Some path }))

    /// A member of a JSON object as something; throws KeyNotFoundException or InvalidOperationException where it is not.
    let private reals (element: JsonElement) = [ for one in element.EnumerateArray() -> one.GetDouble() ]

    let private readShape (element: JsonElement) =
        match element.TryGetProperty "scale" with
        | true, factor -> ContactShape.Scaled(factor.GetDouble())
        | _ ->
            ContactShape.BySpecies(
                Map [
                    for entry in element.GetProperty("semiaxes").EnumerateObject() do
                        match reals entry.Value with
                        | [ x; y; z ] -> int entry.Name, Vector3.create x y z
                        | _ -> raise (InvalidOperationException "three semi-axes")
                ]
            )

    let private readMixing (element: JsonElement) =
        match element.TryGetProperty "weights" with
        | true, weights ->
            SpeciesMixing.Weights(Map [ for entry in weights.EnumerateObject() -> int entry.Name, reals entry.Value ])
        | _ ->
            let seed =
                match element.TryGetProperty "seed" with
                | true, seed -> seed.GetInt32()
                | _ -> 0

            SpeciesMixing.Random(element.GetProperty("channels").GetInt32(), seed)

    let internal readHypers (element: JsonElement) : PairHypers =
        let number (name: string) = element.GetProperty(name).GetDouble()
        let whole (name: string) = element.GetProperty(name).GetInt32()

        let channels (name: string) = [
            for channel in element.GetProperty(name).EnumerateArray() ->
                match channel.TryGetProperty "rate" with
                | true, rate -> ContactChannel.Exponential(rate.GetDouble())
                | _ ->
                    ContactChannel.Power(
                        channel.GetProperty("power").GetDouble(),
                        channel.GetProperty("length").GetDouble()
                    )
        ]

        {
            MaxAngular = whole "max_angular"
            MaxRadial = whole "max_radial"
            OwnMaxRadial = whole "own_max_radial"
            NeighborMaxRadial = whole "neighbor_max_radial"
            RadialGaussianWidth = number "radial_gaussian_width"
            CutoffRadius = number "cutoff_radius"
            Smoothing =
                match element.TryGetProperty "cutoff_smoothing_width" with
                | true, width -> Smoothing.ShiftedCosine(width.GetDouble())
                | _ -> Smoothing.Step
            DensityScale = number "density_scale"
            ContactShapes = [ for shape in element.GetProperty("contact_shapes").EnumerateArray() -> readShape shape ]
            OwnChannels = channels "own_channels"
            NeighborChannels = channels "neighbor_channels"
            SpeciesMixing =
                match element.TryGetProperty "species_mixing" with
                | true, mixing -> Some(readMixing mixing)
                | _ -> None
            DeepestGap = number "deepest_gap"
        }

    let internal parse path (text: byte[]) (read: JsonElement -> Result<'a, AniSoapError>) =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory text)
            read document.RootElement
        with
        | :? JsonException as failure -> malformed path failure.Message "JSON"
        | :? Collections.Generic.KeyNotFoundException
        | :? InvalidOperationException
        | :? FormatException as failure -> malformed path failure.Message "the members that `train` writes"

    let internal bytesOf (path: string) : Result<byte[], AniSoapError> =
        try
            Ok(File.ReadAllBytes path)
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Error(Inaccessible(path, "does not exist"))
        | :? IOException as failure -> Error(Inaccessible(path, failure.Message))
        | :? UnauthorizedAccessException -> Error(Inaccessible(path, "it may not be read"))

    /// The hyperparameters of pair spectra in a file: those of a potential, or an object of them alone.
    let hypers (path: string) : Result<PairHypers, AniSoapError> =
        bytesOf path
        |> Result.bind (fun bytes ->
            parse path bytes (fun root ->
                match root.TryGetProperty "hypers" with
                | true, inner -> Ok(readHypers inner)
                | _ -> Ok(readHypers root)))

    let private readContact (root: JsonElement) (hypers: JsonElement) : Result<ContactPotential, AniSoapError> =
        let species = [ for one in root.GetProperty("species").EnumerateArray() -> one.GetInt32() ]
        let weights = reals (root.GetProperty "weights") |> List.toArray

        PairBasis.create (readHypers hypers) species
        |> Result.bind (fun basis ->
            if weights.Length <> basis.Length then
                Refuse.count "number of weights" weights.Length (String.Concat(basis.Length, ", one for every column"))
            else
                let uncertainty =
                    match root.TryGetProperty "uncertainty" with
                    | true, element -> Some(UncertaintyFile.read weights.Length element)
                    | _ -> None

                Ok(ContactPotential(basis, weights, uncertainty)))

    /// The potential of a file. Refuses what `save` has not written, and weights that do not fit.
    let load (path: string) : Result<Potential, AniSoapError> =
        bytesOf path
        |> Result.bind (fun bytes ->
            parse path bytes (fun root ->
                if root.GetProperty("format").GetString() <> Format then
                    malformed path "another format" Format
                elif root.GetProperty("version").GetInt32() > Version then
                    malformed
                        path
                        (String.Concat("version ", root.GetProperty("version").GetRawText()))
                        "version 1 or 2"
                else
                    let fit = root.GetProperty "fit"

                    let fit = {
                        Frames = fit.GetProperty("frames").GetInt32()
                        Regularization = fit.GetProperty("regularization").GetDouble()
                        HeldOut =
                            match fit.TryGetProperty "held_out" with
                            | true, value -> value.GetDouble()
                            | _ -> nan
                    }

                    attempt {
                        let! contact =
                            match root.TryGetProperty "hypers" with
                            | true, hypers -> readContact root hypers |> Result.map Some
                            | _ -> Ok None

                        let! sites =
                            match root.TryGetProperty "sites" with
                            | true, sites -> SiteFile.read sites |> Result.map Some
                            | _ -> Ok None

                        let trials =
                            match root.TryGetProperty "sites" with
                            | true, sites -> SiteFile.readTrials sites
                            | _ -> []

                        if contact.IsNone && sites.IsNone then
                            return! malformed path "neither pair spectra nor sites" "the members that `train` writes"
                        else
                            return Potential(contact, sites, fit, trials)
                    }))
