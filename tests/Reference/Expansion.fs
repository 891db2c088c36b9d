/// Dense sums over all neighbours.
module AniSoap.Reference.Expansion

open AniSoap
open AniSoap.Reference

/// Neighbours of particle i: index and displacement (neighbour minus centre) of every particle and periodic image
/// closer than the cutoff (strictly). Images of the centre count; the centre itself only where it is wanted.
let neighbours (settings: Settings) (frame: Frame) (i: int) : (int * Vector3) list =
    let basis, vectors, repeats = frame.Cell.Basis, frame.Cell.Vectors, frame.Cell.Periodicity
    let volume = Matrix3.determinant basis

    // Fractional coordinate k of x is x·(normal k)/volume, and planes of whole coordinates are |volume|/|normal| apart.
    let normals = [
        Vector3.cross basis.Row2 basis.Row3
        Vector3.cross basis.Row3 basis.Row1
        Vector3.cross basis.Row1 basis.Row2
    ]

    let shifts repeats (normal: Vector3) (difference: Vector3) =
        let fraction = Vector3.dot difference normal / volume
        let reach = settings.Cutoff * Vector3.norm normal / abs volume

        if repeats then
            [ int (floor (-fraction - reach)) .. int (ceil (-fraction + reach)) ]
        else
            [ 0 ]

    [
        for j in 0 .. frame.Particles.Length - 1 do
            let difference = frame.Particles[j].Position - frame.Particles[i].Position

            for a in shifts repeats.A normals[0] difference do
                for b in shifts repeats.B normals[1] difference do
                    for c in shifts repeats.C normals[2] difference do
                        let image =
                            difference
                            + float a * vectors.Row1
                            + float b * vectors.Row2
                            + float c * vectors.Row3

                        let isCentre = i = j && a = 0 && b = 0 && c = 0

                        if Vector3.norm image < settings.Cutoff && (settings.WithCentre || not isCentre) then
                            j, image
    ]

/// The coefficients of one pair, for the functions of the settings and with the pair's weight.
let pair (settings: Settings) (particle: Ellipsoid) (displacement: Vector3) : Coefficients =
    PairCoefficients.primitive settings.Radial settings.RadialCounts settings.Functions particle displacement
    |> Coefficients.scale (settings.PairWeight(Vector3.norm displacement))

/// The coefficients of centre i, one set for each of the species.
let centre (settings: Settings) (species: int[]) (frame: Frame) (i: int) : Coefficients[] =
    let found = neighbours settings frame i
    let matrices = Coefficients.matrices settings.Radial settings.RadialCounts settings.Functions

    species
    |> Array.map (fun kind ->
        found
        |> List.filter (fun (j, _) -> frame.Particles[j].Species = kind)
        |> List.map (fun (j, r) ->
            PairCoefficients.bare settings.Radial settings.RadialCounts frame.Particles[j] r
            |> Coefficients.scale (settings.PairWeight(Vector3.norm r)))
        |> List.fold (Coefficients.map2 (+)) (Coefficients.zero settings.RadialCounts)
        |> Coefficients.combine matrices)

/// The coefficients of every particle: [particle][species].
let frame settings species (frame: Frame) : Coefficients[][] =
    Array.init frame.Particles.Length (centre settings species frame)

/// One centre's coefficients as a vector: l slowest, then m, then n, species fastest.
let flatten (coefficients: Coefficients[]) : float[] = [|
    for l in 0 .. coefficients[0].Length - 1 do
        for m in 0 .. 2 * l do
            for n in 0 .. coefficients[0].[l].[m].Length - 1 do
                for c in coefficients do
                    c[l].[m].[n]
|]
