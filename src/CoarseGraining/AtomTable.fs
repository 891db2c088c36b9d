namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Runtime.InteropServices
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
                    (named.Symbol
                     + " by name, "
                     + weighed.Symbol
                     + " by the mass "
                     + string mass.Value)
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
        let number = species.ToString Globalization.CultureInfo.InvariantCulture

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
        | ValueSome m when not (m > 0.0 && Double.IsFinite m) ->
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

    /// What is known of the atoms' kinds while they are gone through: most have the kind of the one before.
    [<Sealed>]
    type private KindSearch(options, snapshot, hasMasses) =
        let known = Dictionary<struct (int * string * float), int>()
        let list = List<AtomKind>()
        let mutable lastSpecies = 0
        let mutable lastText = ""
        let mutable lastMass = nan
        let mutable last = -1

        let look species text (mass: float) : Result<int, AniSoapError> =
            let key = struct (species, text, mass)

            match known.TryGetValue key with
            | true, kind -> Ok kind
            | false, _ ->
                let given = if hasMasses then ValueSome mass else ValueNone

                understand options snapshot species text given
                |> Result.map (fun kind ->
                    known[key] <- list.Count
                    list.Add kind
                    list.Count - 1)

        /// Whether an atom of this species, with this text in the column of elements, and this mass, is of the last kind.
        member _.IsLast(species: int, text: string, mass: float) =
            species = lastSpecies
            && last >= 0
            && (mass = lastMass || (Double.IsNaN mass && Double.IsNaN lastMass))
            && String.Equals(text, lastText)

        /// Makes the kind of such an atom the last one.
        member _.Find(species: int, text: string, mass: float) : Result<unit, AniSoapError> =
            look species text mass
            |> Result.map (fun kind ->
                lastSpecies <- species
                lastText <- text
                lastMass <- mass
                last <- kind)

        member _.Last = last

        member _.LastMass = list[last].Mass

        member _.Kinds = list.ToArray()

    /// The atoms of a snapshot, in the arrays of the room.
    let ofSnapshot
        (options: CoarseGrainOptions)
        (room: AtomRoom)
        (snapshot: Snapshot)
        : Result<AtomTable, AniSoapError> =
        let particles = snapshot.Frame.Particles
        let count = particles.Length
        room.Hold count
        let positions, kinds, masses = room.Positions, room.Kinds, room.Masses
        let texts = elementColumn snapshot |> Option.defaultValue ImmutableArray.Empty
        let given = Quantities.tryReals Quantities.Masses 1 snapshot

        let search = KindSearch(options, snapshot, given.IsSome)
        let given = given |> Option.defaultValue ImmutableArray.Empty
        let mutable failure = ValueNone
        let mutable massOfLast = nan
        let mutable i = 0

        particles.Positions.CopyTo(MemoryMarshal.Cast<Vector3, float>(Span positions))

        while failure.IsNone && i < count do
            let text = if texts.IsEmpty then "" else texts[i]
            let mass = if given.IsEmpty then nan else given[i]

            let species = particles.SpeciesOf i

            if not (search.IsLast(species, text, mass)) then
                match search.Find(species, text, mass) with
                | Ok() -> massOfLast <- search.LastMass
                | Error error -> failure <- ValueSome(AniSoapError.at { Place.Unknown with Particle = Some i } error)

            if failure.IsNone then
                kinds[i] <- search.Last
                masses[i] <- massOfLast

            i <- i + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone ->
            Ok {
                Positions = positions
                Kinds = kinds
                KindList = search.Kinds
                Masses = masses
                Images = images snapshot
                Forces = vectors Quantities.Forces snapshot
                Velocities = vectors Quantities.Velocities snapshot
            }

    /// The covalent radii times a factor, by kinds; refuses atoms whose element is not known.
    let bondRadii factor (atoms: AtomTable) : Result<float[], AniSoapError> =
        match
            atoms.KindList
            |> Array.tryFind (fun kind -> kind.Element |> Option.forall (fun e -> e.CovalentRadius <= 0.0))
        with
        | Some kind ->
            Error(Missing($"the covalent radius of the atoms {kind.Label}", $"bonds need it: {remedy}", Place.Unknown))
        | None ->
            atoms.KindList
            |> Array.map (fun kind -> factor * kind.Element.Value.CovalentRadius)
            |> Ok

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
