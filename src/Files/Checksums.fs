namespace AniSoap

/// What System.IO.Hashing lacks of CRC-32 (the reflected polynomial 0xEDB88320, ISO 3309): two checksums as one.
module internal Checksums =
    let private polynomial = 0xEDB88320u

    /// a(x) b(x) modulo the polynomial; bit 31 is the coefficient of x⁰.
    let private multiply a b =
        let mutable product = 0u
        let mutable shifted = b

        for bit in 31..-1..0 do
            if (a >>> bit) &&& 1u <> 0u then
                product <- product ^^^ shifted

            shifted <-
                if shifted &&& 1u = 0u then
                    shifted >>> 1
                else
                    (shifted >>> 1) ^^^ polynomial

        product

    /// The checksum of two texts one after the other, from theirs and the second's length: the first's is multiplied by
    /// x^(8·length), and so a header can be written after the data that follow it.
    let combine (first: uint32) (second: uint32) (secondLength: int64) : uint32 =
        let mutable power = 1u <<< 23 // x⁸
        let mutable shift = 1u <<< 31 // x⁰
        let mutable rest = secondLength

        while rest > 0L do
            if rest &&& 1L <> 0L then
                shift <- multiply shift power

            power <- multiply power power
            rest <- rest >>> 1

        multiply shift first ^^^ second
