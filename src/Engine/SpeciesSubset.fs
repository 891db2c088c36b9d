namespace AniSoap.Numerics

// Pointers to pinned memory.
#nowarn "9"

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open AniSoap
open AniSoap.Numerics

/// A projection on the species that occur in a frame alone, and where their columns stand among those of the run: what a frame costs depends on what it holds,
/// not on the species of all other frames.
[<Sealed>]
type internal SpeciesSubset(whole: Projection, own: Projection, columns: SpectrumColumns) =
    let places = own.Species |> Seq.map whole.SpeciesIndex |> Seq.toArray

    let targets =
        lazy
            (if own.Species.Length = whole.Species.Length then
                 Array.empty
             else
                 SpectrumColumns.places columns own whole places)

    let sums =
        lazy
            (match columns with
             | SomeColumns chosen -> ValueSome(SpectrumColumns.sums chosen own)
             | _ -> ValueNone)

    /// The projection that the frame is computed with.
    member _.Own = own

    /// Whether all species of the run occur.
    member _.IsWhole = own.Species.Length = whole.Species.Length

    /// For each species that occurs its place among those of the run.
    member _.Places = places

    /// For each column of a spectrum of the frame its place among the columns of the run; empty where all occur.
    member _.Targets = targets.Value

    /// Takes the frame's columns out of a row of the run's.
    member subset.Gather(row: ReadOnlySpan<float>, own: float[]) =
        FullOptimization.ask ()

        if subset.IsWhole then
            row.CopyTo(Span own)
        else
            let targets = subset.Targets
            use place = fixed targets
            use from = fixed &MemoryMarshal.GetReference row
            use into = fixed own

            for i in 0 .. targets.Length - 1 do
                NativePtr.set into i (NativePtr.get from (NativePtr.get place i))

    /// Puts the frame's columns into a row of the run's; of those of other species nothing is written.
    member subset.Scatter(own: ReadOnlySpan<float>, row: Span<float>) =
        FullOptimization.ask ()

        if subset.IsWhole then
            own.CopyTo row
        else
            let targets = subset.Targets
            use place = fixed targets
            use from = fixed &MemoryMarshal.GetReference own
            use into = fixed &MemoryMarshal.GetReference row

            for i in 0 .. targets.Length - 1 do
                NativePtr.set into (NativePtr.get place i) (NativePtr.get from i)

    /// What chosen columns are sums of; none where all columns are computed.
    member _.Sums = sums.Value

/// Compares which species occur.
[<Sealed>]
type private SameOccurrence() =
    interface IEqualityComparer<bool[]> with
        member _.Equals(one, other) = Span.op_Implicit(Span one).SequenceEqual(Span.op_Implicit (Span other))

        member _.GetHashCode occurs =
            let mutable hash = 17

            for isThere in occurs do
                hash <- 31 * hash + (if isThere then 1 else 0)

            hash

/// The subsets of a run. One thread at a time asks for them; nothing is allocated for a set of species met before.
[<Sealed>]
type internal SpeciesSubsets(whole: Projection, columns: SpectrumColumns) =
    // Frames of one input mostly hold the same species, or one of a few sets of them; but small frames of many species any two of them. Places of columns that
    // all kept subsets together may have, 4 bytes each.
    let mostPlaces = 2_000_000L
    let mostTables = 4
    let mutable keptPlaces = 0L
    let subsets = Dictionary<bool[], SpeciesSubset>(SameOccurrence())
    let tables = Dictionary<int, Projection>()
    let all = SpeciesSubset(whole, whole, columns)
    let occurs = Array.zeroCreate<bool> whole.Species.Length

    // Tables depend on the number of species alone.
    let tablesOf (species: ImmutableArray<int>) =
        match tables.TryGetValue species.Length with
        | true, known -> known.OnSpecies species
        | _ ->
            if tables.Count >= mostTables then
                tables.Clear()

            let counts = Array.init (whole.Hypers.MaxAngular + 1) whole.RadialCount
            // The centre's own density may have columns besides.
            let channels = species.Length + whole.Channels.Length - whole.Species.Length
            let made = whole.OnSpecies(species, ContractionTable(whole.Hypers.MaxAngular, counts, channels))
            tables.Add(species.Length, made)
            made

    let add () =
        let species =
            whole.Species
            |> Seq.indexed
            |> Seq.filter (fun (t, _) -> occurs[t])
            |> Seq.map snd
            |> ImmutableArray.CreateRange

        let own = tablesOf species
        // What a subset is made of besides its columns counts as some of them.
        let places = 256L + int64 (SpectrumColumns.fullLength own)

        if keptPlaces + places > mostPlaces then
            subsets.Clear()
            keptPlaces <- 0L

        keptPlaces <- keptPlaces + places
        let made = SpeciesSubset(whole, own, columns)
        subsets.Add(Array.copy occurs, made)
        made

    /// The subset for a frame of species that the projection knows.
    member _.Of(frame: Frame) : SpeciesSubset =
        // Mixed species have the same columns whichever occur.
        if occurs.Length = 1 || whole.Hypers.SpeciesMixing.IsSome then
            all
        else
            Array.Clear occurs
            let mutable found = 0
            let mutable i = 0

            while i < frame.Particles.Length && found < occurs.Length do
                let t = whole.SpeciesIndex(frame.Particles.SpeciesOf i)

                if not occurs[t] then
                    occurs[t] <- true
                    found <- found + 1

                i <- i + 1

            if found = occurs.Length then
                all
            else
                // A frame without particles is computed as one of the first species.
                if found = 0 then
                    occurs[0] <- true

                let mutable known = Unchecked.defaultof<SpeciesSubset>

                if subsets.TryGetValue(occurs, &known) then
                    known
                else
                    add ()

/// One thread's scratch memory for the frames of a run: that of the tables met last is kept.
[<Sealed>]
type internal Workspaces() =
    let known = Dictionary<ContractionTable, Workspace>(HashIdentity.Reference)

    member _.For(projection: Projection) : Workspace =
        let mutable work = Unchecked.defaultof<Workspace>

        if not (known.TryGetValue(projection.Table, &work)) then
            if known.Count >= 4 then
                known.Clear()

            work <- Workspace projection
            known.Add(projection.Table, work)

        work
