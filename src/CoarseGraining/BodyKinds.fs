namespace AniSoap

open System.Collections.Generic
open System.Collections.Immutable

/// The kinds of bodies that molecules are of: labels and elements in the same order are one kind.
module internal BodyKinds =
    /// The atoms of a known kind as the kinds of atoms of a frame: -1 where the frame has none like it.
    let private codes (atoms: AtomTable) (kind: BodyKind) =
        let same (a: AtomKind) (b: AtomKind) =
            a.Label = b.Label
            && Option.map _.Number a.Element = Option.map _.Number b.Element

        let found = Dictionary<AtomKind, int>(HashIdentity.Reference)

        kind.Atoms
        |> Seq.map (fun atom ->
            match found.TryGetValue atom with
            | true, code -> code
            | false, _ ->
                let code = atoms.KindList |> Array.tryFindIndex (same atom) |> Option.defaultValue -1
                found[atom] <- code
                code)
        |> Seq.toArray

    /// Which of the frame's kinds of atoms stand for the same label and element: of those that differ in nothing else the
    /// first.
    let private alike (atoms: AtomTable) =
        atoms.KindList
        |> Array.map (fun kind ->
            atoms.KindList
            |> Array.findIndex (fun other ->
                other.Label = kind.Label
                && Option.map _.Number other.Element = Option.map _.Number kind.Element))

    /// Whether a molecule's atoms are of the kind: labels and elements in the same order.
    let private isOf (alike: int[]) (atoms: AtomTable) (codes: int[]) (kind: BodyKind) (group: AtomGroup) =
        codes.Length = group.Members.Length
        && group.GroupName |> ValueOption.forall (fun name -> name = kind.Name)
        && (let mutable k = 0

            while k < codes.Length && codes[k] = alike[atoms.Kinds[group.Members[k]]] do
                k <- k + 1

            k = codes.Length)

    /// The first species number of ellipsoids that stand beside atoms, whose numbers are those of elements or types.
    [<Literal>]
    let private FirstBesideAtoms = 1001

    /// The kinds of the groups, those that are new behind those that are known; and the kind of each group.
    let ofGroups
        isBesideAtoms
        (around: BodyBuilder.Surroundings)
        (known: ImmutableArray<BodyKind>)
        (groups: AtomGroups)
        =
        let kinds = List<BodyKind>(known)
        let alike = alike around.Atoms
        let coded = List<int[]>(kinds |> Seq.map (codes around.Atoms))
        let indices = Array.zeroCreate<int> groups.Groups.Length
        let mutable last = 0

        let freeSpecies () =
            let first =
                if isBesideAtoms || groups.Spheres.Length > 0 || not around.Options.Keep.IsEmpty then
                    FirstBesideAtoms
                else
                    1

            let taken =
                kinds
                |> Seq.map _.Species
                |> Seq.append (around.Options.Groups |> Seq.choose _.Species)
                |> Set.ofSeq

            Seq.initInfinite ((+) first) |> Seq.find (taken.Contains >> not)

        let add (group: AtomGroup) =
            let name =
                match group.GroupName with
                | ValueSome name -> name
                | ValueNone ->
                    Formulas.ofAtoms
                        around.Atoms.KindList
                        (group.Members |> Seq.map (fun atom -> around.Atoms.Kinds[atom]))

            // The same molecule with its atoms in another order is of the same species.
            let species =
                match group.GroupSpecies, kinds |> Seq.tryFind (fun kind -> kind.Name = name) with
                | ValueSome given, _ -> given
                | ValueNone, Some known -> known.Species
                | ValueNone, None -> freeSpecies ()

            let added = BodyBuilder.kind around name species group
            kinds.Add added
            coded.Add(codes around.Atoms added)

        let matches group k = isOf alike around.Atoms coded[k] kinds[k] group

        groups.Groups
        |> Array.iteri (fun g group ->
            if not (last < kinds.Count && matches group last) then
                last <-
                    seq { 0 .. kinds.Count - 1 }
                    |> Seq.tryFind (matches group)
                    |> Option.defaultValue -1

                if last < 0 then
                    add group
                    last <- kinds.Count - 1

            indices[g] <- last)

        struct (kinds.ToImmutableArray(), indices)
