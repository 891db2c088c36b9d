namespace AniSoap

open System.Collections.Immutable

/// The columns of a snapshot as chunks of a GSD file, turned and moved with its box.
module internal GsdColumns =
    let numbers (vectors: Vector3 seq) = [|
        for v in vectors do
            v.X
            v.Y
            v.Z
    |]

    /// Numbers of cells along the box's axes: those of the snapshot and those by which particles were moved.
    let images (lost: string -> unit) (box: GsdBox) (snapshot: Snapshot) (moved: int64[]) =
        let own = Quantities.tryIntegers Quantities.Images 3 snapshot
        let sign = if box.IsReversed then -1L else 1L

        let sum =
            match own with
            | None -> moved
            | Some own -> Array.mapi (fun i moved -> moved + (if i % 3 = 2 then sign * own[i] else own[i])) moved

        if own.IsSome || Array.exists (fun n -> n <> 0L) moved then
            if sum |> Array.forall (fun n -> int64 (int n) = n) then
                [ GsdValues.ints "particles/image" 3 sum ]
            else
                lost "numbers of cells that particles have left behind beyond 32 bits"
                []
        else
            []

    /// A vector of each particle, turned with the box.
    let private turnedVectors box (values: float[]) =
        if (box: GsdBox).Rotation.IsNone then
            values
        else
            values
            |> Array.chunkBySize 3
            |> Array.map (fun v -> GsdBox.turn box (Vector3.create v[0] v[1] v[2]))
            |> numbers

    /// HOOMD-blue keeps P = 2 q S of the body's angular momentum S, which is 2 L q of that in the lab frame.
    let private momenta (orientations: Quaternion[]) (values: float[]) = [|
        for i in 0 .. orientations.Length - 1 do
            let p =
                Quaternion.create 0.0 values[3 * i] values[3 * i + 1] values[3 * i + 2]
                * orientations[i]

            2.0 * p.W
            2.0 * p.X
            2.0 * p.Y
            2.0 * p.Z
    |]

    /// The quantity of the schema that a column is, by its name and width.
    let private schemaOf (column: ParticleColumn) =
        let canonical = Quantities.canonical column.Name

        let isReal =
            match column.Values with
            | ColumnValues.Reals _
            | ColumnValues.Integers _ -> true
            | _ -> false

        GsdExtras.quantities
        |> List.tryFind (fun (_, name, width, real) ->
            name = canonical
            && column.Width = (if name = Quantities.AngularMomenta then 3 else width)
            && isReal
            && (real || column.Values.IsIntegers))

    let private chunkOf lost isDouble box (orientations: Quaternion[]) (column: ParticleColumn) =
        let canonical = Quantities.canonical column.Name
        let isVector = List.contains canonical Quantities.vectors && column.Width = 3

        let reals () =
            match column.Values with
            | ColumnValues.Reals all -> Seq.toArray all
            | ColumnValues.Integers all -> all |> Seq.map float |> Seq.toArray
            | ColumnValues.Logicals _
            | ColumnValues.Texts _ -> [||]

        match schemaOf column with
        | Some(_, Quantities.Images, _, _) -> Ok None
        | Some(chunk, name, width, true) ->
            let values = if isVector then turnedVectors box (reals ()) else reals ()

            let values =
                if name = Quantities.AngularMomenta then
                    momenta orientations values
                else
                    values

            GsdValues.reals isDouble chunk width values |> Result.map Some
        | Some(chunk, _, width, false) ->
            match column.Values with
            | ColumnValues.Integers all when all |> Seq.forall (fun n -> int64 (int n) = n) ->
                Ok(Some(GsdValues.ints chunk width (Seq.toArray all)))
            | _ -> Ok(GsdValues.ofColumn (GsdExtras.LoggedOfParticles + column.Name) column)
        | None ->
            let isReal = column.Values.IsReals

            if isReal && column.Width = 3 && not isVector && box.Rotation.IsSome then
                lost (
                    "the direction of the column "
                    + column.Name
                    + ", if it is a vector: it was not turned"
                )

            let turned () = ImmutableArray.Create<float>(turnedVectors box (reals ()))

            let column =
                if isReal && isVector then
                    ParticleColumn.create column.Name 3 (ColumnValues.Reals(turned ()))
                else
                    Ok column

            column
            |> Result.map (fun column ->
                let chunk = GsdValues.ofColumn (GsdExtras.LoggedOfParticles + column.Name) column

                if chunk.IsNone then
                    lost ("the column " + column.Name + ": GSD holds numbers and printable texts")

                chunk)

    /// Chunks of all columns but the images; what GSD has no place for is told.
    let chunks (lost: string -> unit) isDouble box orientations (snapshot: Snapshot) =
        snapshot.Columns
        |> Result.traverse (chunkOf lost isDouble box orientations)
        |> Result.map (Seq.choose id >> List.ofSeq)
