/// Sizes of the processor's data caches, which blocks of work are made to fit: by its own word, so that no kind of processor is a special case.
module internal AniSoap.Numerics.CacheSizes

open System.Runtime.Intrinsics.X86

/// Bytes of the first and second level that one core has for data; 0 where the processor does not say.
///
/// "Deterministic cache parameters": leaf 4 (Intel SDM 2A, CPUID) and 8000_001D (AMD APM 3, E.4.15) have the same fields. EAX: type in bits 0–4 (1 data, 3 unified), level in
/// 5–7; EBX: ways − 1 in 22–31, partitions − 1 in 12–21, bytes of a line − 1 in 0–11; ECX: sets − 1. Virtual machines of AMD's processors may leave them empty and fill the older leaves alone
/// (AMD APM 3, E.4.4 and E.4.5): 8000_0005, ECX: KB of the first level in bits 24–31; 8000_0006, ECX: KB of the second in 16–31.
let toldBy (cpuId: int -> int -> struct (int * int * int * int)) : struct (int * int) =
    let sizes = [| 0; 0 |]
    let struct (mostExtended, _, _, _) = cpuId 0x80000000 0
    let struct (mostPlain, _, _, _) = cpuId 0 0

    let read leaf =
        let mutable index = 0
        let mutable isMore = true

        // No processor has more than a handful; type 0 ends the list.
        while isMore && index < 16 do
            let struct (a, b, c, _) = cpuId leaf index
            let kind, level = a &&& 31, (a >>> 5) &&& 7
            isMore <- kind <> 0

            if (kind = 1 || kind = 3) && (level = 1 || level = 2) then
                let ways, partitions, line = (b >>> 22) &&& 1023, (b >>> 12) &&& 1023, b &&& 4095
                sizes[level - 1] <- (ways + 1) * (partitions + 1) * (line + 1) * (c + 1)

            index <- index + 1

    // As unsigned numbers: a processor that does not have extended leaves answers with others.
    let isThere leaf = uint32 mostExtended >= leaf && uint32 mostExtended < 0x80010000u

    if isThere 0x8000001Du then
        read 0x8000001D

    // Intel's 8000_0005 is empty and its 8000_0006 tells the second level alone: leaf 4 tells both.
    if sizes[1] = 0 && mostPlain >= 4 then
        read 4

    if sizes[1] = 0 && isThere 0x80000006u then
        let struct (_, _, first, _) = cpuId 0x80000005 0
        let struct (_, _, second, _) = cpuId 0x80000006 0
        sizes[0] <- ((first >>> 24) &&& 255) * 1024
        sizes[1] <- ((second >>> 16) &&& 65535) * 1024

    struct (sizes[0], sizes[1])

let private among least most usual size = if size = 0 then usual else max least (min most size)

/// Bytes of the first-level data cache and of the second-level cache; where unknown those of most machines of the last years.
let struct (first, second) =
    let struct (first, second) =
        if X86Base.IsSupported then
            toldBy (fun leaf index -> X86Base.CpuId(leaf, index))
        else
            struct (0, 0)

    struct (among 16384 262144 32768 first, among 262144 8388608 1048576 second)
