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

/// Chemical elements: atomic weights of IUPAC (2016); covalent radii of Cordero and others, Dalton Trans. 2008, 2832;
/// van der Waals radii of Bondi, J. Phys. Chem. 68 (1964) 441, with those of Mantina and others,
/// J. Phys. Chem. A 113 (2009) 5806, for the main groups, and 1.10 for hydrogen (Rowland and Taylor, J. Phys. Chem. 100 (1996) 7384).
module Elements =
    let private masses = [|
        0.0
        1.008
        4.002602
        6.94
        9.012183
        10.81
        12.011
        14.007
        15.999
        18.998403
        20.1797
        22.989769
        24.305
        26.981538
        28.085
        30.973762
        32.06
        35.45
        39.948
        39.0983
        40.078
        44.955908
        47.867
        50.9415
        51.9961
        54.938044
        55.845
        58.933194
        58.6934
        63.546
        65.38
        69.723
        72.63
        74.921595
        78.971
        79.904
        83.798
        85.4678
        87.62
        88.90584
        91.224
        92.90637
        95.95
        97.90721
        101.07
        102.9055
        106.42
        107.8682
        112.414
        114.818
        118.71
        121.76
        127.6
        126.90447
        131.293
        132.905452
        137.327
        138.90547
        140.116
        140.90766
        144.242
        144.91276
        150.36
        151.964
        157.25
        158.92535
        162.5
        164.93033
        167.259
        168.93422
        173.054
        174.9668
        178.49
        180.94788
        183.84
        186.207
        190.23
        192.217
        195.084
        196.966569
        200.592
        204.38
        207.2
        208.9804
        208.98243
        209.98715
        222.01758
        223.01974
        226.02541
        227.02775
        232.0377
        231.03588
        238.02891
        237.04817
        244.06421
        243.06138
        247.07035
        247.07031
        251.07959
        252.083
        257.09511
        258.09843
        259.101
        262.11
    |]

    let private covalent = [|
        0.0
        0.31
        0.28
        1.28
        0.96
        0.84
        0.76
        0.71
        0.66
        0.57
        0.58
        1.66
        1.41
        1.21
        1.11
        1.07
        1.05
        1.02
        1.06
        2.03
        1.76
        1.7
        1.6
        1.53
        1.39
        1.39
        1.32
        1.26
        1.24
        1.32
        1.22
        1.22
        1.2
        1.19
        1.2
        1.2
        1.16
        2.2
        1.95
        1.9
        1.75
        1.64
        1.54
        1.47
        1.46
        1.42
        1.39
        1.45
        1.44
        1.42
        1.39
        1.39
        1.38
        1.39
        1.4
        2.44
        2.15
        2.07
        2.04
        2.03
        2.01
        1.99
        1.98
        1.98
        1.96
        1.94
        1.92
        1.92
        1.89
        1.9
        1.87
        1.87
        1.75
        1.7
        1.62
        1.51
        1.44
        1.41
        1.36
        1.36
        1.32
        1.45
        1.46
        1.48
        1.4
        1.5
        1.5
        2.6
        2.21
        2.15
        2.06
        2.0
        1.96
        1.9
        1.87
        1.8
        1.69
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
    |]

    let private vanDerWaals = [|
        0.0
        1.1
        1.4
        1.82
        1.53
        1.92
        1.7
        1.55
        1.52
        1.47
        1.54
        2.27
        1.73
        1.84
        2.1
        1.8
        1.8
        1.75
        1.88
        2.75
        2.31
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        1.63
        1.4
        1.39
        1.87
        2.11
        1.85
        1.9
        1.85
        2.02
        3.03
        2.49
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        1.63
        1.72
        1.58
        1.93
        2.17
        2.06
        2.06
        1.98
        2.16
        3.43
        2.49
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        1.75
        1.66
        1.55
        1.96
        2.02
        2.07
        1.97
        2.02
        2.2
        3.48
        2.83
        0.0
        0.0
        0.0
        1.86
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
        0.0
    |]

    /// The element of an atomic number from 1 to 103.
    let tryNumber number =
        if number < 1 || number >= masses.Length then
            None
        else
            ChemicalSymbols.trySymbol number
            |> Option.map (fun symbol -> {
                Number = number
                Symbol = symbol
                Mass = masses[number]
                CovalentRadius = covalent[number]
                VanDerWaalsRadius = vanDerWaals[number]
            })

    let private all =
        [| for number in 1 .. masses.Length - 1 -> tryNumber number |]
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
