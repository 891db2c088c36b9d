namespace AniSoap

open AniSoap.Numerics

module internal Mixing =
    /// The mixing of radial functions as matrices over columns (n, t): entry ((k, t), (n, t)) is N_{l+2k} (S_l^{−1/2})_{kn}, from
    /// bare primitives in the unit that kernels compute in to orthonormal functions in the unit of the input, whose coefficients go as length^(−3/2).
    let create (radial: RadialFunctions) (table: ContractionTable) =
        let sizes = Array.init (table.MaxAngular + 1) (fun l -> table.Columns[l] * table.PaddedColumns[l])

        let offsets = Array.scan (+) 0 sizes
        let matrices = AlignedBuffer(offsets[offsets.Length - 1])
        let span = matrices.Span
        let toUser = radial.Unit.Power -3

        for l in 0 .. table.MaxAngular do
            for k in 0 .. radial.Count l - 1 do
                for n in 0 .. radial.Count l - 1 do
                    let value = radial.UnitNormalization(l, k) * radial.InverseRoot(l, k, n) * toUser

                    for t in 0 .. table.SpeciesCount - 1 do
                        let row = k * table.SpeciesCount + t
                        let column = n * table.SpeciesCount + t
                        span[offsets[l] + row * table.PaddedColumns[l] + column] <- value

        struct (matrices, offsets)
