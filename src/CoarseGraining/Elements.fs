namespace AniSoap

open AniSoap.Formats

/// What coarse-graining knows of a chemical element.
type Element = {
    /// The atomic number.
    Number: int
    /// The symbol.
    Symbol: string
    /// The standard atomic weight in grams per mole; of an element without stable isotopes the mass of a long-lived one.
    Mass: float
    /// The covalent radius in Ångström; zero where none is known.
    CovalentRadius: float
    /// The van der Waals radius in Ångström; zero where none is known.
    VanDerWaalsRadius: float
}

/// Chemical elements: by number, by symbol, by mass.
module Elements =
    /// The element of an atomic number from 1 to 103.
    let tryNumber number =
        if number < 1 || number >= ElementTables.masses.Length then
            None
        else
            ChemicalSymbols.trySymbol number
            |> Option.map (fun symbol -> {
                Number = number
                Symbol = symbol
                Mass = ElementTables.masses[number]
                CovalentRadius = ElementTables.covalent[number]
                VanDerWaalsRadius = ElementTables.vanDerWaals[number]
            })

    let private all =
        [| for number in 1 .. ElementTables.masses.Length - 1 -> tryNumber number |]
        |> Array.choose id

    /// The element of a symbol, in whatever case: `C`, `CL`, `cl`; `D` is hydrogen.
    let trySymbol (symbol: string) =
        if symbol.Length = 0 then
            None
        else
            let usual =
                symbol.Substring(0, 1).ToUpperInvariant()
                + symbol.Substring(1).ToLowerInvariant()

            ChemicalSymbols.tryNumber (if usual = "D" then "H" else usual)
            |> Option.bind tryNumber

    /// Carbon with its hydrogens as one particle: what force fields of united atoms have, and no element.
    let private unitedAtoms = [ 13.019; 14.027; 15.035; 16.043 ]

    /// The element whose atomic weight is this mass within what programs round (0.3 percent, at least 0.02), where no
    /// other element and no united atom is as near.
    let tryMass (mass: float) =
        let nearest = all |> Array.minBy (fun element -> abs (element.Mass - mass))
        let distance = abs (nearest.Mass - mass)
        let united = unitedAtoms |> List.map (fun other -> abs (other - mass)) |> List.min

        if distance <= max 0.02 (0.003 * mass) && distance < united then
            Some nearest
        else
            None
