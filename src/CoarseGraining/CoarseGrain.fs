namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Runtime.InteropServices

/// Atoms into ellipsoids: molecules are found and made whole, and each becomes a body with a centre, a shape and an
/// orientation, the mass, and the force and torque of its atoms.
module CoarseGrain =
    /// No kinds: those of the first frame are made of its molecules.
    let noKinds: ImmutableArray<BodyKind> = ImmutableArray.Empty

    let private immutable (all: 'a[]) = ImmutableCollectionsMarshal.AsImmutableArray all

    /// Whether the info of this key is of the atoms' forces at the atoms' places, as a virial is: that of bodies is another one.
    let internal isOfAtoms key =
        match key with
        | "virial"
        | "virial6"
        | "stress"
        | "pressure_tensor" -> true
        | _ -> false

    /// Tells of the info that does not hold for bodies.
    let private lostInfo (snapshot: Snapshot) =
        match snapshot.Info |> List.map fst |> List.filter isOfAtoms with
        | [] -> []
        | keys -> [
            "not written: the info "
            + String.concat ", " keys
            + ": it is of forces at the atoms' places, and that of ellipsoids another one"
          ]

    let private needsRadii (options: CoarseGrainOptions) = options.AddRadius || options.Shape = BodyShape.Contact

    /// Tells of single atoms, the first in this frame, whose number ellipsoids have since a frame before.
    let private sharedNumbers
        (atoms: AtomTable)
        (groups: AtomGroups)
        (kinds: ImmutableArray<BodyKind>)
        (indices: int[])
        =
        let ofSpheres =
            groups.Spheres
            |> Seq.map (fun atom -> atoms.KindList[atoms.Kinds[atom]].Species)
            |> Set.ofSeq

        indices
        |> Seq.distinct
        |> Seq.map (fun index -> kinds[index])
        |> Seq.filter (fun kind -> ofSpheres.Contains kind.Species)
        |> Seq.truncate 1
        |> Seq.map (fun kind ->
            String.Concat(
                String.Concat(Warnings.Here, ": single atoms have the species number ", string kind.Species),
                ", which the ellipsoids ",
                kind.Name,
                " have too (a groups file gives these another type)"
            ))
        |> Seq.toList

    /// A body whose semi-axes are no ellipsoid's.
    let private tooThin (kinds: ImmutableArray<BodyKind>) (body: Body) =
        let a = body.SemiAxes
        let form = if a.Y > 0.0 then "planar" else "straight"
        let name = kinds[body.Kind].Name

        Error(
            InvalidValue(
                String.Concat(
                    String.Concat("semi-axes of the molecule ", name, ", whose atoms begin with particle "),
                    string body.Atoms[0],
                    " and are ",
                    form
                ),
                Vector3.show a,
                "three lengths above zero: give a smallest one (--min-axis LENGTH) or add the atoms' radii (--add-radius vdw)",
                { Place.Unknown with Particle = Some body.Atoms[0] }
            )
        )

    /// The molecules of a frame before their numbers are worked out.
    [<NoEquality; NoComparison>]
    type internal FoundMolecules = {
        Around: BodyBuilder.Surroundings
        Groups: AtomGroups
        Kinds: ImmutableArray<BodyKind>
        /// The kind of each group.
        Indices: int[]
        Warnings: string list
    }

    /// Finds the molecules of a frame, in arrays that frames share (what is handed on has its own); and whether the atoms are
    /// going to stand beside them.
    let internal find
        (room: AtomRoom)
        (isBesideAtoms: bool)
        (options: CoarseGrainOptions)
        (kinds: ImmutableArray<BodyKind>)
        (snapshot: Snapshot)
        : Result<FoundMolecules, AniSoapError> =
        let images = PeriodicImages snapshot.Frame.Cell

        CoarseGrainOptions.check options
        |> Result.bind (fun () -> AtomTable.ofSnapshot options room snapshot)
        |> Result.bind (fun atoms ->
            (if needsRadii options then
                 AtomTable.contactRadii atoms
             else
                 Ok Array.empty)
            |> Result.bind (fun radii ->
                MoleculeGroups.ofSnapshot options room images snapshot atoms
                |> Result.map (fun groups ->
                    let around: BodyBuilder.Surroundings = {
                        Options = options
                        Images = images
                        Atoms = atoms
                        ContactRadii = radii
                    }

                    let struct (kinds, indices) = BodyKinds.ofGroups isBesideAtoms around kinds groups

                    {
                        Around = around
                        Groups = groups
                        Kinds = kinds
                        Indices = indices
                        Warnings = groups.Warnings @ sharedNumbers atoms groups kinds indices @ lostInfo snapshot
                    })))

    /// The body of a group by its number.
    let internal bodyOf (found: FoundMolecules) (room: BodyBuilder.Room) g : Body =
        let index = found.Indices[g]
        BodyBuilder.body found.Around room [||] index found.Kinds[index] found.Groups.Groups[g]

    /// The same with the array of a body that is no longer of use, where there is one.
    let internal bodyIn (found: FoundMolecules) (room: BodyBuilder.Room) (before: Body) g : Body =
        let index = found.Indices[g]

        let spare =
            match box before with
            | null -> [||]
            | _ -> ImmutableCollectionsMarshal.AsArray before.Positions |> nonNull

        BodyBuilder.body found.Around room spare index found.Kinds[index] found.Groups.Groups[g]

    /// Refuses bodies whose semi-axes are no ellipsoid's.
    let internal checkThin (found: FoundMolecules) (bodies: ReadOnlySpan<Body>) : Result<unit, AniSoapError> =
        let mutable thin = ValueNone

        for body in bodies do
            if
                thin.IsNone
                && not (min body.SemiAxes.X (min body.SemiAxes.Y body.SemiAxes.Z) > 0.0)
            then
                thin <- ValueSome body

        match thin with
        | ValueSome body -> tooThin found.Kinds body
        | ValueNone -> Ok()

    /// The molecules that were found, all numbers worked out.
    let internal bodies (found: FoundMolecules) : Result<CoarseFrame, AniSoapError> =
        let bodies = Array.zeroCreate<Body> found.Groups.Groups.Length

        Workers.eachIn found.Around.Options.Threads bodies.Length BodyBuilder.Room (fun own g ->
            bodies[g] <- bodyOf found own g)

        checkThin found (ReadOnlySpan bodies)
        |> Result.map (fun () -> {
            Bodies = immutable bodies
            Kinds = found.Kinds
            Spheres = immutable found.Groups.Spheres
            Leftover = immutable found.Groups.Leftover
            Atoms = immutable found.Around.Atoms.KindList
            Warnings = found.Warnings
        })

    /// Finds the molecules of a frame and works their numbers out.
    let internal frameIn room isBesideAtoms options kinds snapshot : Result<CoarseFrame, AniSoapError> =
        find room isBesideAtoms options kinds snapshot |> Result.bind bodies

    /// The molecules of a frame. `kinds` are those of the frames before it, whose orientations are gone on with.
    let frame
        (options: CoarseGrainOptions)
        (kinds: ImmutableArray<BodyKind>)
        (snapshot: Snapshot)
        : Result<CoarseFrame, AniSoapError> =
        frameIn (AtomRoom()) false options kinds snapshot

    /// The molecules of frames one after another, orientations going on from frame to frame. Ends after the first error.
    let frames (options: CoarseGrainOptions) (snapshots: Snapshot seq) : Result<CoarseFrame, AniSoapError> seq =
        seq {
            let mutable kinds = noKinds
            let mutable failed = false
            let room = AtomRoom()
            use all = snapshots.GetEnumerator()

            while not failed && all.MoveNext() do
                let result = frameIn room false options kinds all.Current

                match result with
                | Ok found -> kinds <- found.Kinds
                | Error _ -> failed <- true

                yield result
        }

    /// The angular velocity of a body by its angular momentum and inertia; a straight one has none along its line.
    let angularVelocity (body: Body) : Vector3 voption =
        body.AngularMomentum
        |> ValueOption.map (BodyAxes.angularVelocity (SymmetricMatrix3.ofMatrix body.Inertia))

    /// The principal moments of inertia about the body's axes.
    let principalInertia (body: Body) : Vector3 =
        BodyAxes.along (Quaternion.toMatrix body.Orientation) (SymmetricMatrix3.ofMatrix body.Inertia)
        |> BodyAxes.cleaned

    /// The three shapes of a body along its principal axes: of its mass density (√λ of the gyration tensor), of its
    /// inertia (√5λ by mass), and of what it touches (half its length, with van der Waals radii of its atoms).
    let shapes (kinds: ImmutableArray<BodyKind>) (body: Body) : struct (Vector3 * Vector3 * Vector3 voption) =
        let axes = Quaternion.toMatrix body.Orientation
        let g = BodyAxes.along axes (SymmetricMatrix3.ofMatrix body.Gyration)
        let moments = BodyAxes.along axes (SymmetricMatrix3.ofMatrix body.Inertia)
        let root x = if x > 0.0 then sqrt x else 0.0
        let sum = moments.X + moments.Y + moments.Z
        let solid moment = root (2.5 / body.Mass * (sum - 2.0 * moment))

        let radii =
            kinds[body.Kind].Atoms
            |> Seq.map (fun kind ->
                match kind.Element with
                | Some element when element.VanDerWaalsRadius > 0.0 -> element.VanDerWaalsRadius
                | _ -> nan)
            |> Seq.toArray

        let contact =
            if Array.exists System.Double.IsNaN radii then
                ValueNone
            else
                ValueSome(BodyAxes.halfExtents axes (Seq.toArray body.Positions) radii)

        struct (Vector3.create (root g.X) (root g.Y) (root g.Z),
                Vector3.create (solid moments.X) (solid moments.Y) (solid moments.Z),
                contact)
