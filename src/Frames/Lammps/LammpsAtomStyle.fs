/// The fields of a line under Atoms, by atom style (LAMMPS manual, read_data).
module internal AniSoap.LammpsAtomStyle


let private position = [ "x"; "y"; "z" ]

/// What a style has besides number, type and position: before the type, between type and position, behind the position.
/// `density` is that of a volume, or of a point its mass; `rmass` stands in the same place in LAMMPS's own tables and
/// means something else (the mass of a body, say).
let private extras =
    let style before middle behind = before, middle, behind

    Map [
        "amoeba", style [ "mol" ] [ "q" ] []
        "angle", style [ "mol" ] [] []
        "apip", style [] [] []
        "atomic", style [] [] []
        "body", style [] [ "bodyflag"; "rmass" ] []
        "bond", style [ "mol" ] [] []
        "bpm/sphere", style [ "mol" ] [ "diameter"; "density" ] []
        "charge", style [] [ "q" ] []
        "dielectric", style [ "mol" ] [ "q" ] [ "mux"; "muy"; "muz"; "area"; "ed"; "em"; "epsilon"; "curvature" ]
        "dipole", style [] [ "q" ] [ "mux"; "muy"; "muz" ]
        "dpd", style [] [ "theta" ] []
        "edpd", style [] [ "edpd_temp"; "edpd_cv" ] []
        "electron", style [] [ "q"; "espin"; "eradius" ] []
        "ellipsoid", style [] [ "ellipsoidflag"; "density" ] []
        "full", style [ "mol" ] [ "q" ] []
        "line", style [ "mol" ] [ "lineflag"; "rmass" ] []
        "mdpd", style [] [ "rho" ] []
        "mesont", style [ "mol" ] [ "rmass"; "radius"; "length"; "buckling"; "bond1"; "bond2" ] []
        "molecular", style [ "mol" ] [] []
        "oxdna", style [] [] []
        "peri", style [] [ "volume"; "rmass" ] []
        "rheo", style [] [ "status"; "rho" ] []
        "rheo/thermal", style [] [ "status"; "rho"; "esph" ] []
        "smd", style [] [ "mol"; "volume"; "rmass"; "kradius"; "cradius"; "x0"; "y0"; "z0" ] []
        "sph", style [] [ "rho"; "esph"; "cv" ] []
        "sphere", style [] [ "diameter"; "density" ] []
        "spin", style [] [] [ "spx"; "spy"; "spz"; "sp" ]
        "template", style [ "mol"; "template-index"; "template-atom" ] [] []
        "tri", style [ "mol" ] [ "triangleflag"; "rmass" ] []
        "wavepacket", style [] [ "q"; "espin"; "eradius"; "etag"; "cs_re"; "cs_im" ] []
    ]

/// The styles that can be read.
let names =
    let all = extras |> Map.toList |> List.map fst |> String.concat ", "
    all + ", tdpd, or hybrid and the names of several"

/// A style's name without what says on which hardware it runs.
let private plain (style: string) =
    match style.LastIndexOf '/' with
    | slash when
        slash > 0
        && List.contains (style.Substring(slash + 1)) [ "kk"; "omp"; "gpu"; "intel"; "opt" ]
        ->
        style.Substring(0, slash)
    | _ -> style

let private single (before, middle, behind) = [ "id" ] @ before @ [ "type" ] @ middle @ position @ behind

/// A hybrid style's lines: number, type and position, then what each style has, what several have once.
let private hybrid styles =
    let own =
        styles
        |> List.collect (fun style ->
            let before, middle, behind = extras[style]
            before @ middle @ behind)

    let isDensity = List.contains "density" own

    [ "id"; "type" ]
    @ position
    @ (own
       |> List.map (fun field -> if field = "rmass" && isDensity then "density" else field)
       |> List.distinct)

/// What words say about the style: its fields, nothing where they name none, or an error.
type private Named =
    | Known of string list
    | HybridAlone
    | NoStyle

/// The words after a style's name that are no style of their own (`template mols`, `body nparticle 2 6`) count for nothing.
let private named count (text: string) =
    match RowParser.splitWords text |> Array.toList |> List.map plain with
    | "hybrid" :: words ->
        match words |> List.filter (fun word -> Map.containsKey word extras) with
        | [] -> HybridAlone
        | styles -> Known(hybrid styles)
    // So many concentrations as the line has room for.
    | "tdpd" :: words ->
        let concentrations =
            match words with
            | number :: _ when fst (System.Int32.TryParse number) -> max 0 (min (int number) 1000)
            | _ -> max 0 (count - 5)

        Known(
            [ "id"; "type" ]
            @ position
            @ List.init concentrations (fun i -> $"cc{string (i + 1)}")
        )
    | style :: _ when Map.containsKey style extras -> Known(single extras[style])
    | _ -> NoStyle

let private fitsEllipsoid count = count = 7 || count = 10

let private remedy =
    "--atom-style STYLE, as the input script has it (--atom-style \"hybrid bond ellipsoid\")"

/// What to say where the number of columns is not that of the fields.
let explainCount (found: string list) count : AniSoapError =
    let columns = String.concat " " found

    Malformed(
        $"a row of {string count} columns",
        (string found.Length
         + " columns ("
         + columns
         + "), or "
         + string (found.Length + 3)
         + " with images; another atom style is given by "
         + remedy),
        Place.Unknown
    )

/// The fields of the style that is given, else that the section's hint names; without one, of the style that the number of
/// fields of the first line tells.
let fields (given: string option) (hint: string) hasEllipsoids (count: int) : Result<string list, AniSoapError> =
    let ellipsoid kind = Ok(kind [ "ellipsoid" ])

    match given with
    | Some style ->
        match named count style with
        | Known fields ->
            let words = RowParser.splitWords style |> Array.map plain

            // A misspelt style among those of a hybrid would shift all columns behind it.
            match
                words
                |> Array.skip 1
                |> Array.tryFind (fun word -> not (Map.containsKey word extras))
            with
            | Some word when
                words[0] = "hybrid"
                && not (Array.exists (fun w -> w = "template" || w = "body") words)
                ->
                Error(AniSoapError.invalid "atom style" word names)
            | _ -> Ok fields
        | HybridAlone -> Error(AniSoapError.invalid "atom style" style "hybrid followed by the names of its styles")
        | NoStyle -> Error(AniSoapError.invalid "atom style" style names)
    | None ->
        match named count hint with
        | Known fields -> Ok fields
        // Without their names the one style that matters here is taken to be the only one, if that fits.
        | HybridAlone when hasEllipsoids && fitsEllipsoid count -> ellipsoid hybrid
        | HybridAlone ->
            Error(
                Missing(
                    "the list of styles behind hybrid",
                    "write_data leaves it out; give it in the script's order: --atom-style \"hybrid bond ellipsoid\"",
                    Place.Unknown
                )
            )
        | NoStyle when hint = "" && hasEllipsoids -> Ok(single extras["ellipsoid"])
        | NoStyle when hint = "" && (count = 5 || count = 8) -> Ok(single extras["atomic"])
        | NoStyle when hint = "" ->
            Error(
                Missing(
                    "the atom style",
                    $"write it behind the section's name (Atoms # ellipsoid), or give {remedy}",
                    Place.Unknown
                )
            )
        | NoStyle ->
            Error(AniSoapError.invalid "comment behind Atoms" hint $"an atom style there ({names}), or {remedy}")
