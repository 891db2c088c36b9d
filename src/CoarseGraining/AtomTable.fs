namespace AniSoap

open System
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
}

/// Arrays for the atoms of one frame after another: those of most runs have as many each, and large arrays are dear to make.
[<Sealed>]
type internal AtomRoom() =
    let mutable starts: int[] = [||]
    let mutable next: int[] = [||]

    member val Positions: Vector3[] = [||] with get, set
    member val Kinds: int[] = [||] with get, set
    member val Masses: float[] = [||] with get, set
    /// For each atom the number of its group.
    member val Numbers: int[] = [||] with get, set
    /// Atoms in the order of their groups.
    member val Order: int[] = [||] with get, set
    /// Whether an atom may be in a group.
    member val Free: bool[] = [||] with get, set
    /// Whether an atom is in one.
    member val Taken: bool[] = [||] with get, set
    /// The molecules' numbers in the input, and which group each became.
    member val Names = Dictionary<int64, int>()
    /// The groups of the frame before.
    member val Groups: AtomGroup[] = [||] with get, set

    /// Makes the arrays as long as a frame has atoms.
    member room.Hold count =
        if room.Positions.Length <> count then
            room.Positions <- Array.zeroCreate count
            room.Kinds <- Array.zeroCreate count
            room.Masses <- Array.zeroCreate count
            room.Numbers <- Array.zeroCreate count
            room.Order <- Array.zeroCreate count
            room.Free <- Array.zeroCreate count
            room.Taken <- Array.zeroCreate count

    /// Atoms by their groups (below zero: none), in the order of the atoms: those of group g stand in `Order` from entry g of
    /// the array that is returned up to entry g + 1.
    member room.Sort(numbers: int[], groups: int) : int[] =
        if starts.Length < groups + 1 then
            starts <- Array.zeroCreate (groups + 1)
            next <- Array.zeroCreate (groups + 1)

        Array.Clear starts

        for number in numbers do
            if number >= 0 then
                starts[number + 1] <- starts[number + 1] + 1

        for g in 1..groups do
            starts[g] <- starts[g] + starts[g - 1]

        Array.Copy(starts, next, groups + 1)
        let order = room.Order

        for i in 0 .. numbers.Length - 1 do
            let number = numbers[i]

            if number >= 0 then
                order[next[number]] <- i
                next[number] <- next[number] + 1

        starts

    /// The group with these numbers. Most are the same in every frame, and then they are kept.
    member room.Group(g: int, from: int, behind: int, molecule: int64, shiftsOf: int[] -> Shift[]) : AtomGroup =
        let members = ReadOnlySpan(room.Order, from, behind - from)

        let before =
            if
                g < room.Groups.Length
                && members.SequenceEqual(ReadOnlySpan room.Groups[g].Members)
            then
                ValueSome room.Groups[g]
            else
                ValueNone

        let members =
            match before with
            | ValueSome group -> group.Members
            | ValueNone -> members.ToArray()

        let shifts = shiftsOf members

        match before with
        | ValueSome group when shifts.Length = 0 && group.Shifts.Length = 0 && group.Molecule = molecule -> group
        | _ -> {
            Members = members
            Shifts = shifts
            Molecule = molecule
            GroupName = ValueNone
            GroupSpecies = ValueNone
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

        while failure.IsNone && i < count do
            positions[i] <- particles.PositionOf i
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
