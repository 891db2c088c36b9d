/// The fields of a line under Atoms, by atom style (LAMMPS manual, read_data).
module internal AniSoap.Formats.LammpsAtomStyle

open AniSoap

let private position = [ "x"; "y"; "z" ]

/// What a style has besides number, type and position, in the order of a hybrid style's lines.
let private extras =
    Map [
        "atomic", []
        "charge", [ "q" ]
        "bond", [ "mol" ]
        "angle", [ "mol" ]
        "molecular", [ "mol" ]
        "full", [ "mol"; "q" ]
        "sphere", [ "diameter"; "density" ]
        "ellipsoid", [ "ellipsoidflag"; "density" ]
        "dipole", [ "q"; "mux"; "muy"; "muz" ]
    ]

/// Fields that stand before the type rather than behind it.
let private isBeforeType field = field = "mol"

/// Fields that stand behind the position.
let private isBehind field = List.contains field [ "mux"; "muy"; "muz" ]

let private single (fields: string list) =
    let before, others = List.partition isBeforeType fields
    let behind, middle = List.partition isBehind others
    [ "id" ] @ before @ [ "type" ] @ middle @ position @ behind

/// The names of the styles that can be read.
let names = extras |> Map.toList |> List.map fst |> String.concat ", "

/// The fields of the style that the section's hint names; without one, of the style that the number of fields of
/// the first line tells.
let fields (hint: string) hasEllipsoids (count: int) : Result<string list, AniSoapError> =
    let unknown style =
        Error(
            AniSoapError.invalid
                "atom style"
                style
                $"{names}, or hybrid followed by several of them (Atoms # ellipsoid)"
        )

    match RowParser.splitWords hint |> Array.toList with
    | "hybrid" :: styles ->
        // Without their names the one style that matters here is taken to be the first.
        let styles =
            if styles.IsEmpty && hasEllipsoids then
                [ "ellipsoid" ]
            else
                styles

        match styles |> List.tryFind (fun style -> not (Map.containsKey style extras)) with
        | Some style -> unknown style
        | None when styles.IsEmpty -> unknown "hybrid"
        | None ->
            let own = styles |> List.collect (fun style -> extras[style]) |> List.distinct
            Ok([ "id"; "type" ] @ position @ own)
    | [ style ] ->
        match Map.tryFind style extras with
        | Some own -> Ok(single own)
        | None -> unknown style
    | [] when hasEllipsoids -> Ok(single extras["ellipsoid"])
    | [] when count = 5 || count = 8 -> Ok(single [])
    | [] -> Error(Missing("the atom style", "write it behind the section's name: Atoms # ellipsoid", Place.Unknown))
    | _ -> unknown hint
