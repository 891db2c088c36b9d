namespace AniSoap

open System
open System.Collections.Generic

/// The groups of a groups file: molecules by their formula, parts of them, or lists of atoms.
module internal NamedGroups =
    let quoted name = "'" + name + "'"

    /// The groups that the options define among the molecules, in the order of their first atoms; only of free atoms.
    let among (options: CoarseGrainOptions) (isFree: bool[]) images (atoms: AtomTable) (molecules: AtomGroup[]) =
        let taken = Array.create atoms.Positions.Length -1
        let definitions = List.toArray options.Groups
        let found = List<AtomGroup>()
        let mutable failure = ValueNone

        let fail error =
            if failure.IsNone then
                failure <- ValueSome error

        let claim d (atom: int) =
            if taken[atom] >= 0 then
                fail (
                    InvalidValue(
                        "groups "
                        + quoted definitions[taken[atom]].Name
                        + " and "
                        + quoted definitions[d].Name,
                        "an atom in both",
                        "groups that do not overlap",
                        { Place.Unknown with Particle = Some atom }
                    )
                )
            elif not isFree[atom] then
                fail (
                    InvalidValue(
                        "group " + quoted definitions[d].Name,
                        "an atom that stays a sphere (" + atoms.KindList[atoms.Kinds[atom]].Label + ")",
                        "groups of other atoms than those that are kept (--keep-atoms)",
                        { Place.Unknown with Particle = Some atom }
                    )
                )
            else
                taken[atom] <- d

        let add d molecule atoms shifts =
            Array.iter (claim d) atoms

            found.Add {
                Members = atoms
                Shifts = shifts
                Molecule = molecule
                GroupName = ValueSome definitions[d].Name
                GroupSpecies = ValueOption.ofOption definitions[d].Species
            }

        let formulas =
            molecules
            |> Array.map (fun m -> Formulas.ofAtoms atoms.KindList (m.Members |> Seq.map (fun a -> atoms.Kinds[a])))

        let ofFormula d (definition: GroupDefinition) (text: string) =
            match Formulas.tryNormalize text with
            | None ->
                fail (
                    AniSoapError.invalid $"formula of the group {quoted definition.Name}" text "a formula such as C6H6"
                )
            | Some wanted ->
                let mutable any = false

                molecules
                |> Array.iteri (fun m molecule ->
                    if formulas[m] = wanted && failure.IsNone then
                        any <- true

                        match definition.Atoms with
                        | [] -> add d molecule.Molecule molecule.Members molecule.Shifts
                        | chosen ->
                            match chosen |> List.tryFind (fun k -> k < 0 || k >= molecule.Members.Length) with
                            | Some wrong ->
                                fail (
                                    AniSoapError.invalid
                                        $"atom of the group {quoted definition.Name}"
                                        wrong
                                        ("0 to " + string (molecule.Members.Length - 1) + ", the atoms of " + wanted)
                                )
                            | None ->
                                let sorted = chosen |> List.sort |> List.toArray

                                add
                                    d
                                    molecule.Molecule
                                    (sorted |> Array.map (fun k -> molecule.Members[k]))
                                    (sorted |> Array.map (fun k -> molecule.ShiftOf k)))

                if not any then
                    let there =
                        formulas
                        |> Seq.countBy id
                        |> Seq.truncate 5
                        |> Seq.map fst
                        |> String.concat ", "

                    fail (
                        AniSoapError.invalid
                            $"group {quoted definition.Name}"
                            wanted
                            $"the formula of a molecule that is there ({there})"
                    )

        let ofAtoms d (definition: GroupDefinition) =
            match
                definition.Atoms
                |> List.tryFind (fun atom -> atom < 0 || atom >= atoms.Positions.Length)
            with
            | Some wrong ->
                fail (
                    AniSoapError.invalid
                        $"atom of the group {quoted definition.Name}"
                        wrong
                        ("0 to " + string (atoms.Positions.Length - 1) + ", the frame's atoms")
                )
            | None ->
                let members = definition.Atoms |> List.sort |> List.toArray

                let struct (shifts, closes) =
                    WholeMolecules.ofPoints images ValueNone (members |> Array.map (fun a -> atoms.Positions[a]))

                // A part of a molecule that is whole is whole as the molecule is.
                match
                    molecules
                    |> Array.tryFind (fun m -> members |> Array.forall (fun a -> Array.BinarySearch(m.Members, a) >= 0))
                with
                | Some m ->
                    let shiftOf a = m.ShiftOf(Array.BinarySearch(m.Members, a))
                    add d m.Molecule members (members |> Array.map shiftOf)
                | None when closes ->
                    fail (
                        AniSoapError.invalid
                            $"group {quoted definition.Name}"
                            "atoms that go on through the periodic cell"
                            "a group that ends"
                    )
                | None -> add d 0L members shifts

        definitions
        |> Array.iteri (fun d definition ->
            if failure.IsNone then
                match definition.Formula with
                | Some text -> ofFormula d definition text
                | None -> ofAtoms d definition)

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok(found.ToArray() |> Array.sortBy (fun group -> group.Members[0]))
