namespace AniSoap

/// The columns by which the programs of this field name shapes.
module internal KnownShapes =
    open ColumnChoice

    /// LAMMPS writes full diameters whatever its columns are called.
    let private shapeNames = [
        "c_diameter", ShapeMeasure.Diameter
        "diameter", ShapeMeasure.Diameter
        "diameters", ShapeMeasure.Diameter
        "c_shape", ShapeMeasure.Diameter
        "shape", ShapeMeasure.Diameter
        "semiaxes", ShapeMeasure.SemiAxis
        "semi_axes", ShapeMeasure.SemiAxis
        "aspherical_shape", ShapeMeasure.SemiAxis
        "radius", ShapeMeasure.SemiAxis
        "radii", ShapeMeasure.SemiAxis
    ]

    let private shapeComponents = [ "shapex"; "shapey"; "shapez" ]

    let private factorOf measure =
        match measure with
        | ShapeMeasure.Diameter -> 0.5
        | ShapeMeasure.SemiAxis -> 1.0

    /// What a column holds by its name, for names that are not known.
    let private guessMeasure warn (options: InputOptions) (name: string) =
        let measure =
            if name.Contains "semi" || name.Contains "radi" then
                ShapeMeasure.SemiAxis
            else
                ShapeMeasure.Diameter

        if options.ShapeAs.IsNone then
            let held, other =
                match measure with
                | ShapeMeasure.Diameter -> "full diameters", "semiaxis"
                | ShapeMeasure.SemiAxis -> "semi-axes", "diameter"

            warn (
                "the column "
                + name
                + " is taken to hold "
                + held
                + "; if it does not, --shape-as "
                + other
                + " says so"
            )

        measure

    let private measureOf warn options name =
        shapeNames
        |> List.tryFind (fun (known, _) -> known = name)
        |> Option.map snd
        |> Option.defaultWith (fun () ->
            if List.contains name shapeComponents then
                ShapeMeasure.Diameter
            else
                guessMeasure warn options name)

    /// The shape under the name or names that the options give.
    let private chosenShape (options: InputOptions) warn (table: ColumnTable) key =
        let taken name fields =
            let measure = measureOf warn options name
            Ok(fields, factorOf (defaultArg options.ShapeAs measure), 1.0)

        match namesOf key with
        | [ name ] ->
            match table.Find(name, [ 3; 1 ]), table.Each [ name + "x"; name + "y"; name + "z" ] with
            | Fields fields, _
            | NotFound, Fields fields -> taken name fields
            | OtherWidth(name, found), _ -> widthError name found "3, or 1 of a sphere"
            | NotFound, _ -> missingColumn "shape" name table
        | [ a; b; c ] as names ->
            match names |> List.tryFind (fun name -> (table.Single name).IsNone) with
            | Some absent -> missingColumn "shape" absent table
            | None -> taken a [| (table.Single a).Value; (table.Single b).Value; (table.Single c).Value |]
        | names ->
            Error(
                AniSoapError.invalid
                    "shape key"
                    key
                    $"the name of a column, or three names with commas between them (here are {string names.Length})"
            )

    /// Three numbers beat one, which then is the sphere that particles are whose three are zero, as OVITO has it: its
    /// radius comes before a diameter there.
    let private knownShape (options: InputOptions) warn (table: ColumnTable) =
        let candidates width =
            shapeNames
            |> List.map (fun (name, measure) -> { Name = name; Found = table.Find(name, [ width ]); Meaning = measure })

        let three =
            candidates 3
            @ [ { Name = "shapex"; Found = table.Each shapeComponents; Meaning = ShapeMeasure.Diameter } ]

        let one = candidates 1 |> List.filter isUsable

        let sphere () =
            let radii, diameters =
                one
                |> List.partition (fun candidate -> candidate.Meaning = ShapeMeasure.SemiAxis)

            choose "size of particles whose shape is zero" warn (radii @ diameters)

        if three |> List.exists isUsable then
            match choose "shape" warn three, sphere () with
            | Some { Found = Fields fields; Meaning = measure }, None ->
                Ok(fields, factorOf (defaultArg options.ShapeAs measure), 1.0)
            | Some { Found = Fields fields; Meaning = measure }, Some { Found = Fields radius; Meaning = radiusMeasure } ->
                Ok(Array.append fields radius, factorOf (defaultArg options.ShapeAs measure), factorOf radiusMeasure)
            | _ -> Ok([||], 1.0, 1.0)
        else
            match choose "shape" warn (if one.IsEmpty then three else one) with
            | Some { Found = Fields fields; Meaning = measure } ->
                Ok(fields, factorOf (defaultArg options.ShapeAs measure), 1.0)
            | Some { Found = OtherWidth(name, found) } -> widthError name found "3, or 1 of a sphere"
            | Some { Found = NotFound }
            | None -> Ok([||], 1.0, 1.0)

    let find (options: InputOptions) warn table =
        match options.ShapeKey with
        | Some key -> chosenShape options warn table key
        | None -> knownShape options warn table
