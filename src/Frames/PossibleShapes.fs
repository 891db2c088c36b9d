namespace AniSoap

/// Columns of unknown names that could hold shapes.
module internal PossibleShapes =
    /// Vectors of three numbers that are no shapes, by the beginnings of their names.
    let private otherVectors = [
        "pos"
        "vel"
        "velo"
        "forc"
        "torq"
        "ang"
        "omega"
        "mom"
        "dip"
        "mag"
        "map"
        "image"
        "inertia"
        "disp"
        "color"
        "initial_mag"
        "acc"
        "unwrapped"
        "frac"
        "scaled"
        "spin"
        "efield"
        "stress"
        "grad"
        "f_"
        "v_"
        "cell"
        "flux"
    ]

    let private otherFamilies =
        Set [ ""; "v"; "f"; "tq"; "angmom"; "omega"; "mu"; "i"; "q"; "sp"; "fm"; "b_"; "d" ]

    let private isOtherVector (name: string) =
        let name = name.ToLowerInvariant()

        otherVectors
        |> List.exists (fun start -> name.StartsWith(start, System.StringComparison.Ordinal))

    /// Columns of numbers that are not taken and could hold shapes: one of three numbers, name[1] to name[3], or three
    /// whose names differ in a last x, y, z.
    let find (taken: Set<int>) (columns: Column list) =
        let starts = columns |> List.scan (fun field column -> field + column.Width) 0

        let free =
            List.zip columns (List.take columns.Length starts)
            |> List.filter (fun (column, start) ->
                (column.Kind = ColumnKind.Real || column.Kind = ColumnKind.Integer)
                && Seq.forall (fun field -> not (Set.contains field taken)) (seq { start .. start + column.Width - 1 }))
            |> List.map (fun (column, _) -> { column with Name = column.Name.Replace("\\", "") })

        let whole =
            free
            |> List.filter (fun column -> column.Width = 3 && not (isOtherVector column.Name))
            |> List.map _.Name

        let single =
            free
            |> List.filter (fun column -> column.Width = 1)
            |> List.map _.Name
            |> Set.ofList

        let families (endings: string list) (show: string -> string) =
            single
            |> Seq.filter (fun name -> name.EndsWith(endings.Head, System.StringComparison.Ordinal))
            |> Seq.map (fun name -> name.Substring(0, name.Length - endings.Head.Length))
            |> Seq.filter (fun stem ->
                stem <> ""
                && not (Set.contains stem otherFamilies)
                && not (isOtherVector stem)
                && endings |> List.forall (fun ending -> Set.contains (stem + ending) single)
                // A fourth component makes it something else.
                && not (Set.contains (stem + "[4]") single)
                && not (Set.contains (stem + "4") single)
                && not (Set.contains (stem + "w") single))
            |> Seq.map show
            |> Seq.toList

        whole
        @ families [ "[1]"; "[2]"; "[3]" ] (fun stem -> stem + "[1..3]")
        @ families [ "1"; "2"; "3" ] (fun stem -> stem + "1, …")
        @ families [ "x"; "y"; "z" ] (fun stem -> stem + "x, " + stem + "y, " + stem + "z")
