namespace AniSoap

open System.Collections.Generic
open System.Collections.Immutable
open AniSoap.Formats

/// What was understood of the atoms of a kind.
type AtomKind = {
    /// What the input calls them.
    Label: string
    /// The species' number.
    Species: int
    /// The chemical element, if it is known.
    Element: Element option
    /// The mass of such an atom.
    Mass: float
    /// What told the element: `element column`, `name`, `mass`, `given`; empty where nothing did.
    Told: string
}

/// The atoms of a frame in flat arrays, with what they are.
[<NoEquality; NoComparison>]
type internal AtomTable = {
    Positions: Vector3[]
    /// For each atom the index of its kind.
    Kinds: int[]
    KindList: AtomKind[]
    Masses: float[]
    Images: Shift[] voption
    Forces: Vector3[] voption
    Velocities: Vector3[] voption
    Charges: float[] voption
}

module internal AtomTable =
    let private vectors quantity snapshot =
        match Quantities.tryReals quantity 3 snapshot with
        | Some all ->
            ValueSome(Array.init (all.Length / 3) (fun i -> Vector3.create all[3 * i] all[3 * i + 1] all[3 * i + 2]))
        | None -> ValueNone

    let private images snapshot =
        match Quantities.tryIntegers Quantities.Images 3 snapshot with
        | Some all ->
            ValueSome(
                Array.init (all.Length / 3) (fun i -> {
                    Na = int all[3 * i]
                    Nb = int all[3 * i + 1]
                    Nc = int all[3 * i + 2]
                })
            )
        | None -> ValueNone

    let private elementColumn snapshot =
        [ "element"; "elements"; "symbol"; "symbols" ]
        |> List.tryPick (fun name ->
            match Snapshot.tryColumn name snapshot with
            | Some column when column.Width = 1 ->
                match column.Values with
                | ColumnValues.Texts all -> Some all
                | _ -> None
            | _ -> None)

    let private invalid parameter value accepted = Error(AniSoapError.invalid parameter value accepted)

    /// The element that the options name for one of the labels.
    let private given (options: CoarseGrainOptions) labels =
        match labels |> List.tryPick (fun label -> Map.tryFind label options.Elements) with
        | None -> Ok None
        | Some symbol ->
            match Elements.trySymbol symbol with
            | Some element -> Ok(Some(element, "given"))
            | None -> invalid "element" symbol "the symbol of a chemical element with a mass (H to Lr)"

    let private remedy = "give the elements (--elements NAME=SYMBOL,…)"

    let private element
        (options: CoarseGrainOptions)
        labels
        (text: string)
        (name: string option)
        (mass: float voption)
        =
        let byMass = mass |> ValueOption.toOption |> Option.bind Elements.tryMass

        let byName () =
            match name |> Option.bind ChemicalSymbols.tryNumber |> Option.bind Elements.tryNumber, byMass with
            | Some named, Some weighed when named.Number <> weighed.Number && abs (named.Mass - weighed.Mass) > 0.5 ->
                invalid
                    "element"
                    $"{named.Symbol} by name, {weighed.Symbol} by the mass {mass.Value}"
                    $"names and masses that agree; {remedy}"
            | Some named, _ -> Ok(Some(named, "name"))
            | None, Some weighed -> Ok(Some(weighed, "mass"))
            | None, None -> Ok None

        given options labels
        |> Result.bind (fun found ->
            match found, Elements.trySymbol text with
            | Some _, _ -> Ok found
            | None, Some written -> Ok(Some(written, "element column"))
            | None, None -> byName ())

    /// What the atoms of a species are, whose mass and element column are these.
    let private understand
        (options: CoarseGrainOptions)
        (snapshot: Snapshot)
        species
        (text: string)
        (mass: float voption)
        =
        let name = Map.tryFind species snapshot.SpeciesNames
        let number = species.ToString System.Globalization.CultureInfo.InvariantCulture

        let labels = [
            if text <> "" then
                text
            yield! Option.toList name
            number
        ]

        let label = List.head labels

        let mass =
            match labels |> List.tryPick (fun label -> Map.tryFind label options.Masses) with
            | Some given -> ValueSome given
            | None -> mass

        match mass with
        | ValueSome m when not (m > 0.0 && System.Double.IsFinite m) ->
            invalid $"mass of the atoms {label}" m "a number above zero (--masses NAME=MASS gives one)"
        | _ ->
            element options labels text name mass
            |> Result.bind (fun found ->
                match mass, found with
                | ValueSome mass, _ -> Ok(mass, found)
                | ValueNone, Some(element, _) -> Ok(element.Mass, found)
                | ValueNone, None ->
                    Error(
                        Missing(
                            $"the element of the atoms {label}",
                            $"neither an element column, nor a chemical symbol, nor a mass tells it: {remedy}",
                            Place.Unknown
                        )
                    ))
            |> Result.map (fun (mass, found) -> {
                Label = label
                Species = species
                Element = Option.map fst found
                Mass = mass
                Told = found |> Option.map snd |> Option.defaultValue ""
            })

    /// The atoms of a snapshot.
    let ofSnapshot (options: CoarseGrainOptions) (snapshot: Snapshot) : Result<AtomTable, AniSoapError> =
        let particles = snapshot.Frame.Particles
        let count = particles.Length
        let positions = Array.zeroCreate<Vector3> count
        let kinds = Array.zeroCreate<int> count
        let masses = Array.zeroCreate<float> count
        let texts = elementColumn snapshot
        let given = Quantities.tryReals Quantities.Masses 1 snapshot
        let known = Dictionary<struct (int * string * float), int>()
        let list = List<AtomKind>()
        let mutable failure = ValueNone
        let mutable last = struct (0, "", 0.0)
        let mutable lastKind = -1
        let mutable i = 0

        while failure.IsNone && i < count do
            let particle = particles[i]
            positions[i] <- particle.Position

            let text =
                match texts with
                | Some all -> all[i]
                | None -> ""

            let mass =
                match given with
                | Some all -> all[i]
                | None -> nan

            let key = struct (particle.Species, text, mass)

            if lastKind < 0 || not (key.Equals last) then
                match known.TryGetValue key with
                | true, kind -> lastKind <- kind
                | false, _ ->
                    match
                        understand
                            options
                            snapshot
                            particle.Species
                            text
                            (if given.IsSome then ValueSome mass else ValueNone)
                    with
                    | Ok kind ->
                        lastKind <- list.Count
                        known[key] <- lastKind
                        list.Add kind
                    | Error error ->
                        failure <- ValueSome(AniSoapError.at { Place.Unknown with Particle = Some i } error)

                last <- key

            if failure.IsNone then
                kinds[i] <- lastKind
                masses[i] <- list[lastKind].Mass

            i <- i + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone ->
            Ok {
                Positions = positions
                Kinds = kinds
                KindList = list.ToArray()
                Masses = masses
                Images = images snapshot
                Forces = vectors Quantities.Forces snapshot
                Velocities = vectors Quantities.Velocities snapshot
                Charges =
                    match Quantities.tryReals Quantities.Charges 1 snapshot with
                    | Some all -> ValueSome(Seq.toArray all)
                    | None -> ValueNone
            }

    /// The covalent radii times a factor; refuses atoms whose element is not known.
    let bondRadii factor (atoms: AtomTable) : Result<float[], AniSoapError> =
        match
            atoms.KindList
            |> Array.tryFind (fun kind -> kind.Element |> Option.forall (fun e -> e.CovalentRadius <= 0.0))
        with
        | Some kind ->
            Error(Missing($"the covalent radius of the atoms {kind.Label}", $"bonds need it: {remedy}", Place.Unknown))
        | None ->
            let radii =
                atoms.KindList
                |> Array.map (fun kind -> factor * kind.Element.Value.CovalentRadius)

            Ok(atoms.Kinds |> Array.map (fun kind -> radii[kind]))

    /// The van der Waals radii by kinds; refuses atoms that have none.
    let contactRadii (atoms: AtomTable) : Result<float[], AniSoapError> =
        match
            atoms.KindList
            |> Array.tryFind (fun kind -> kind.Element |> Option.forall (fun e -> e.VanDerWaalsRadius <= 0.0))
        with
        | Some kind ->
            Error(
                Missing(
                    $"the van der Waals radius of the atoms {kind.Label}",
                    $"there is none in the table; {remedy}",
                    Place.Unknown
                )
            )
        | None -> Ok(atoms.KindList |> Array.map (fun kind -> kind.Element.Value.VanDerWaalsRadius))
