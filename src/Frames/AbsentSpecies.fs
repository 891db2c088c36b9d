namespace AniSoap


/// Watches for species that shapes were given for and that no frame has: a mistaken number goes unnoticed otherwise.
[<Sealed>]
type internal AbsentSpecies(options: InputOptions) =
    let given =
        Seq.append (Map.keys options.SemiAxesBySpecies) (Map.keys options.PointSemiAxisBySpecies)
        |> Set.ofSeq

    let mutable missing = given

    /// Looks at one more frame.
    member _.See(frame: Frame) =
        if not missing.IsEmpty then
            let mutable i = 0

            while i < frame.Particles.Length && not missing.IsEmpty do
                if Set.contains (frame.Particles.SpeciesOf i) missing then
                    missing <- Set.remove (frame.Particles.SpeciesOf i) missing

                i <- i + 1

    /// Says which were in no frame.
    member _.Tell(warn: string -> unit) =
        if not missing.IsEmpty then
            let species = missing |> Seq.map string |> String.concat ", "

            warn (
                "shapes or diameters were given for species "
                + species
                + ", of which no frame that was read has a particle"
            )
