namespace AniSoap.Formats

open AniSoap

/// Chemical symbols and their atomic numbers; `X` is 0, a particle that is no element.
module ChemicalSymbols =
    let private all =
        ("X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr "
         + "Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu "
         + "Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr "
         + "Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og")
            .Split
            ' '

    let private numbers = all |> Seq.mapi (fun number symbol -> symbol, number) |> Map.ofSeq

    /// The atomic number of a symbol, upper and lower case as chemists write it.
    let tryNumber (symbol: string) = Map.tryFind symbol numbers

    /// The symbol of an atomic number from 0 (`X`) to 118.
    let trySymbol number = Array.tryItem number all
