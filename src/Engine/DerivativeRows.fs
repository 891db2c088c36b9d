namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// By what features are differentiated, and how many numbers each gives an entry.
[<Struct>]
type internal ForwardParameters = { Positions: bool; Orientations: bool; SemiAxes: bool; Strain: bool }

/// The kinds of rows that atoms have.
[<Struct; RequireQualifiedAccess>]
type internal ForwardRows =
    | Positions
    | Orientations
    | SemiAxes

/// Rows by number, made when they are first asked for, zero to begin with: pages of rows, used again and again.
[<Sealed>]
type internal RowPages(length: int) =
    let pageRows = 32
    let pages = ResizeArray<AlignedBuffer>()

    member _.Length = length

    /// The row numbered so, of memory that there is.
    member _.Row(slot: int) : nativeptr<float> = NativePtr.add pages[slot / pageRows].Pointer (slot % pageRows * length)

    /// Makes the next row: zeros.
    member rows.Begin(slot: int) =
        if slot / pageRows = pages.Count then
            // Whole vectors may be read beyond the last.
            pages.Add(AlignedBuffer(pageRows * length + 8))

        Span<float>(NativePtr.toVoidPtr (rows.Row slot), length).Clear()

    static member Add(source: nativeptr<float>, target: nativeptr<float>, length: int) =
        FullOptimization.ask ()
        let mutable i = 0

        // Rows are whole eights.
        while i < length do
            let into = NativePtr.add target i
            Vector256.Store(Vector256.Add(Vector256.Load into, Vector256.Load(NativePtr.add source i)), into)
            let into = NativePtr.add target (i + 4)
            Vector256.Store(Vector256.Add(Vector256.Load into, Vector256.Load(NativePtr.add source (i + 4))), into)
            i <- i + 8

/// Numbers of rows by key: a key's row is the next free one when it is first met.
[<Sealed>]
type internal RowSlots() =
    let mutable slots = Array.empty<int>
    let keys = ResizeArray<int>()

    /// Forgets all keys; those to come are below `count`.
    member _.Begin(count: int) =
        for key in keys do
            slots[key] <- 0

        keys.Clear()

        if slots.Length < count then
            slots <- Array.zeroCreate count

    /// The keys met, in the order in which they were.
    member _.Keys = keys
    /// The number of a key's row; −1 where there is none.
    member _.Find(key: int) = slots[key] - 1

    /// Gives a key the next row; it must have none.
    member _.Add(key: int) =
        keys.Add key
        slots[key] <- keys.Count
        keys.Count - 1

/// Derivatives of the features of some centres, summed over the centres of each species: what one piece of work adds up, or all of a frame.
[<Sealed>]
type internal DerivativeSums(layout: RowLayout, size: int, parameters: ForwardParameters) =
    let species = layout.Projection.Species.Length
    let length = layout.Length
    let slots = RowSlots()
    let others = RowSlots()
    let pages wanted = if wanted then RowPages length else RowPages 8
    let positions = pages parameters.Positions
    let orientations = pages parameters.Orientations
    let semiAxes = pages parameters.SemiAxes

    let otherRows =
        RowPages(
            if parameters.Positions && species > 1 then
                species * length
            else
                8
        )

    let mutable particles = 0

    let add (source: float[]) (target: float[]) =
        for i in 0 .. source.Length - 1 do
            target[i] <- target[i] + source[i]

    member _.Layout = layout
    member _.Parameters = parameters
    /// Numbers of one row of features.
    member _.Size = size
    /// Centres of each species.
    member val Counts = Array.zeroCreate<int> species
    /// Sums of features for each species of centres; empty where there is none.
    member val Values = Array.create species Array.empty<float>
    /// Nine rows [p][q] for each species of centres.
    member val Strain = Array.create species Array.empty<float>

    /// Begins with nothing, for a frame of so many particles.
    member sums.Begin(count: int) =
        particles <- count
        slots.Begin(species * count)
        others.Begin(if species > 1 then count else 0)

        for s in 0 .. species - 1 do
            if sums.Counts[s] > 0 then
                sums.Counts[s] <- 0
                Array.Clear(sums.Values[s])
                Array.Clear(sums.Strain[s])

    /// One more centre of species s.
    member sums.Count s =
        sums.Counts[s] <- sums.Counts[s] + 1

        if sums.Values[s].Length = 0 then
            sums.Values[s] <- Array.zeroCreate size

            if parameters.Strain then
                sums.Strain[s] <- Array.zeroCreate (9 * size)

    /// Atoms that centres of species s depend on have keys s · particles + atom.
    member _.Keys = slots.Keys

    member _.Particles = particles

    /// The row of an atom that centres of species s depend on; −1 where they do not.
    member _.Find(s, atom) = slots.Find(s * particles + atom)

    /// The same; there is one afterwards.
    member _.Slot(s, atom) =
        let key = s * particles + atom
        let found = slots.Find key

        if found >= 0 then
            found
        else
            let slot = slots.Add key
            positions.Begin slot
            orientations.Begin slot
            semiAxes.Begin slot
            slot

    member _.Positions slot = positions.Row slot
    member _.Orientations slot = orientations.Row slot
    member _.SemiAxes slot = semiAxes.Row slot

    /// A centre's derivatives by its own position through neighbours of all species, one row after another; that of its own species is not used, for
    /// it is part of the centre's row. −1: none.
    member _.FindOther atom = if species > 1 then others.Find atom else -1

    member _.Other atom =
        let found = others.Find atom

        if found >= 0 then
            found
        else
            let slot = others.Add atom
            otherRows.Begin slot
            slot

    member _.OtherKeys = others.Keys
    member _.OtherRow(slot, t) = NativePtr.add (otherRows.Row slot) (t * length)

    /// Adds all that another has added up.
    member sums.Add(more: DerivativeSums) =
        for key in more.Keys do
            let s, atom = key / particles, key % particles
            let from = more.Find(s, atom)
            let into = sums.Slot(s, atom)

            if parameters.Positions then
                RowPages.Add(more.Positions from, sums.Positions into, length)

            if parameters.Orientations then
                RowPages.Add(more.Orientations from, sums.Orientations into, length)

            if parameters.SemiAxes then
                RowPages.Add(more.SemiAxes from, sums.SemiAxes into, length)

        for atom in more.OtherKeys do
            RowPages.Add(more.OtherRow(more.Other atom, 0), sums.OtherRow(sums.Other atom, 0), species * length)

        for s in 0 .. species - 1 do
            if more.Counts[s] > 0 then
                sums.Count s
                sums.Counts[s] <- sums.Counts[s] - 1 + more.Counts[s]
                add (more.Values[s]) (sums.Values[s])
                add (more.Strain[s]) (sums.Strain[s])

    /// Three rows of the derivatives, times a factor, of centres of species s by an atom of species t, added to `target`.
    member sums.Finish(parameter, s, t, atom, factor: float, scratch: nativeptr<float>, target: Span<float>) =
        let slot = sums.Find(s, atom)

        match parameter with
        | ForwardRows.Positions ->
            layout.Finish(t, factor, positions.Row slot, scratch, target)
            let other = if s = t then sums.FindOther atom else -1

            if other >= 0 then
                for neighbor in 0 .. species - 1 do
                    if neighbor <> t then
                        layout.Finish(neighbor, factor, sums.OtherRow(other, neighbor), scratch, target)
        | ForwardRows.Orientations -> layout.Finish(t, factor, orientations.Row slot, scratch, target)
        | ForwardRows.SemiAxes -> layout.Finish(t, factor, semiAxes.Row slot, scratch, target)
