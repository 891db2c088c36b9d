namespace AniSoap

open System

/// How the densities of all species are mixed into a few channels: channel c of an expansion is Σ_t w_tc (density of species t). Columns and memory then
/// depend on the number of channels, not of species.
[<RequireQualifiedAccess>]
type SpeciesMixing =
    /// So many channels with normally distributed weights of variance 1/channels: products of two expansions are then on average what they are without mixing.
    /// Weights depend on the seed and on the species' number alone, so that runs on different species have the same channels.
    | Random of channels: int * seed: int
    /// The weights of every species, one for each channel: those that were learnt, or chosen.
    | Weights of weights: Map<int, float list>

/// Weights of species in channels.
module SpeciesMixing =
    [<Literal>]
    let internal MostChannels = 1000

    /// A number of 64 bits that depends on all bits of another: the finalizer of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014). System.Random
    /// will not do: its first numbers for neighbouring seeds are alike.
    let private scrambled (number: uint64) =
        let z = number + 0x9E3779B97F4A7C15UL
        let z = (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        let z = (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        z ^^^ (z >>> 31)

    /// A number above 0, up to 1.
    let private uniform bits = (float (bits >>> 11) + 1.0) * Math.ScaleB(1.0, -53)

    /// Normally distributed, by Box and Muller.
    let private normal seed species channel =
        let start =
            scrambled (uint64 (uint32 seed))
            |> fun bits -> scrambled (bits ^^^ uint64 (uint32 species))
            |> fun bits -> scrambled (bits ^^^ uint64 (uint32 channel))

        sqrt (-2.0 * log (uniform (scrambled start)))
        * cos (2.0 * Math.PI * uniform (scrambled (start + 1UL)))

    /// Number of channels.
    let channels (mixing: SpeciesMixing) : int =
        match mixing with
        | SpeciesMixing.Random(channels, _) -> channels
        | SpeciesMixing.Weights weights -> weights |> Seq.tryHead |> Option.fold (fun _ one -> one.Value.Length) 0

    /// The weights of a species, one for each channel; `None` where nothing is said of it.
    let weightsOf (species: int) (mixing: SpeciesMixing) : float list option =
        match mixing with
        | SpeciesMixing.Random(channels, seed) ->
            let scale = 1.0 / sqrt (float channels)
            Some [ for c in 0 .. channels - 1 -> scale * normal seed species c ]
        | SpeciesMixing.Weights weights -> weights.TryFind species

    /// What cannot work: the value, and what is accepted.
    let internal problem (mixing: SpeciesMixing) : (string * string) option =
        let accepted = "1 to " + string MostChannels + " finite weights of every species, equally many"

        match mixing with
        | SpeciesMixing.Random(channels, _) when channels < 1 || channels > MostChannels ->
            Some(string channels, "1 to " + string MostChannels + " channels")
        | SpeciesMixing.Random _ -> None
        | SpeciesMixing.Weights weights when weights.IsEmpty -> Some("none", accepted)
        | SpeciesMixing.Weights weights ->
            let count = channels mixing

            weights
            |> Map.tryPick (fun species one ->
                if
                    one.Length = count
                    && count >= 1
                    && count <= MostChannels
                    && List.forall Double.IsFinite one
                then
                    None
                else
                    Some(String.Join(",", one) + " of species " + string species, accepted))

    /// From sources of density (species ascending, and after them a centre's own density where it is a column of its own) to columns:
    /// w[source · columns + column]. Empty where every source is its own column.
    let internal matrix (mixing: SpeciesMixing option) (hasOwn: bool) (species: int seq) : float[] =
        match mixing with
        | None -> [||]
        | Some mixing ->
            let mixed = channels mixing
            let columns = mixed + (if hasOwn then 1 else 0)

            [|
                for one in species do
                    yield! weightsOf one mixing |> Option.defaultValue (List.replicate mixed 0.0)

                    if hasOwn then
                        0.0

                if hasOwn then
                    yield! Array.init columns (fun column -> if column = mixed then 1.0 else 0.0)
            |]
