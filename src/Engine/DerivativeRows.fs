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

/// The derivatives of one centre's features: for every atom that they depend on, ascending, three rows a parameter.
[<Sealed>]
type internal CenterGradients(size: int) =
    /// Numbers of one row of features.
    member _.Size = size
    member val Atoms = ResizeArray<int>()
    /// Pairs of the centre.
    member val Pairs = 0L with get, set
    /// [atom][3][size] each; empty where not asked for.
    member val Positions: float[] = Array.empty with get, set
    member val Orientations: float[] = Array.empty with get, set
    member val SemiAxes: float[] = Array.empty with get, set
    /// [p][q][size]: ∂/∂ε_qp.
    member val Strain: float[] = Array.zeroCreate (9 * size)
    /// The features themselves.
    member val Values: float[] = Array.zeroCreate size

    member gradients.Clear(parameters: ForwardParameters) =
        let length = 3 * size * gradients.Atoms.Count

        let cleared wanted (rows: float[]) =
            if not wanted then
                rows
            elif rows.Length >= length then
                Array.Clear(rows, 0, length)
                rows
            else
                Array.zeroCreate (length + length / 2)

        gradients.Positions <- cleared parameters.Positions gradients.Positions
        gradients.Orientations <- cleared parameters.Orientations gradients.Orientations
        gradients.SemiAxes <- cleared parameters.SemiAxes gradients.SemiAxes

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

    // A centre's own density where it has columns of its own: rows by orientation and by semi-axes, the only ones that it changes with.
    let hasOwn = layout.Projection.SourceCount > species
    let owns = RowSlots()
    let ownRows = RowPages(if hasOwn then 2 * length else 8)
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
        owns.Begin(if hasOwn then count else 0)

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

    /// A centre's rows by its own density's orientation and, behind it, semi-axes.
    member _.Own atom =
        let found = owns.Find atom

        let slot =
            if found >= 0 then
                found
            else
                let slot = owns.Add atom
                ownRows.Begin slot
                slot

        ownRows.Row slot

    member _.OwnKeys = owns.Keys

    /// Adds the finished rows of a centre of species s; the layout is that of such rows.
    member sums.Add(s: int, center: CenterGradients) =
        sums.Count s
        add center.Values sums.Values[s]

        if parameters.Strain then
            add center.Strain sums.Strain[s]

        for place in 0 .. center.Atoms.Count - 1 do
            let slot = sums.Slot(s, center.Atoms[place])

            let add (source: float[]) (target: nativeptr<float>) =
                let more = ReadOnlySpan(source, 3 * size * place, 3 * size)
                RowSums.addScaled 1.0 more (Span<float>(NativePtr.toVoidPtr target, 3 * size))

            if parameters.Positions then
                add center.Positions (sums.Positions slot)

            if parameters.Orientations then
                add center.Orientations (sums.Orientations slot)

            if parameters.SemiAxes then
                add center.SemiAxes (sums.SemiAxes slot)

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

        for atom in more.OwnKeys do
            RowPages.Add(more.Own atom, sums.Own atom, 2 * length)

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
        | ForwardRows.Orientations ->
            layout.Finish(t, factor, orientations.Row slot, scratch, target)
            sums.FinishOwn(0, s, t, atom, factor, scratch, target)
        | ForwardRows.SemiAxes ->
            layout.Finish(t, factor, semiAxes.Row slot, scratch, target)
            sums.FinishOwn(1, s, t, atom, factor, scratch, target)

    /// The part of these by an atom that is a centre itself: its own density's.
    member private _.FinishOwn(part, s, t, atom, factor, scratch, target) =
        if hasOwn && s = t && owns.Find atom >= 0 then
            let row = NativePtr.add (ownRows.Row(owns.Find atom)) (part * length)
            layout.Finish(species, factor, row, scratch, target)
