namespace AniSoap.Learning

open System
open System.Runtime.InteropServices
open AniSoap

/// What evaluates a potential, one frame after another. One call at a time. Only potentials of both parts allocate memory for it.
[<Sealed>]
type PotentialEngine internal (contact: PairEnergy option, sites: SiteEnergy option) =
    let virial = Array.zeroCreate<float> 9

    let contactSpecies =
        match contact with
        | Some one -> Seq.toArray one.Basis.Species
        | None -> [||]

    let bodySpecies =
        match sites with
        | Some one -> [| for body in one.Model.Bodies -> body.Species |]
        | None -> [||]

    let isContact (species: int) = Array.IndexOf(contactSpecies, species) >= 0
    let isBody (species: int) = Array.IndexOf(bodySpecies, species) >= 0

    /// The frame's particles that pair spectra know, and which they are.
    let partOf (frame: Frame) =
        let kept = [|
            for i in 0 .. frame.Particles.Length - 1 do
                if isContact frame.Particles.Species[i] then
                    i
        |]

        struct (kept,
                {
                    frame with
                        Particles = ParticleArray.ofSeq (kept |> Seq.map (fun i -> frame.Particles[i]))
                })

    let known (frame: Frame) =
        let species = frame.Particles.Species
        let mutable stray = -1

        for i in 0 .. species.Length - 1 do
            if stray < 0 && not (isBody species[i] || isContact species[i]) then
                stray <- i

        if stray < 0 then
            Ok()
        else
            Refuse.count "species" frame.Particles.Species[stray] "one that the potential was trained on"
            |> Result.mapError (AniSoapError.at { Place.Unknown with Particle = Some stray })

    /// Pair spectra of the particles that they know, added to what bodies bring; `evaluate` is given these particles alone, which they are, and room for the centres'
    /// energies, none where `centersInto` is empty.
    let addContact
        (evaluate:
            Frame
                -> int[]
                -> Memory<float>
                -> Memory<float>
                -> Memory<float>
                -> Memory<float>
                -> Result<float, AniSoapError>)
        (frame: Frame)
        (centersInto: Memory<float>)
        (forcesInto: Memory<float>)
        (torquesInto: Memory<float>)
        (virialInto: Memory<float>)
        (neighbors: INeighbors | null)
        energy
        =
        let struct (kept, part) = partOf frame
        let isWhole = kept.Length = frame.Particles.Length

        let centers =
            if centersInto.IsEmpty then [||]
            elif isWhole then Array.zeroCreate<float> centersInto.Length
            else Array.zeroCreate<float> kept.Length

        let forces, torques = Array.zeroCreate<float>(3 * kept.Length), Array.zeroCreate<float>(3 * kept.Length)

        match neighbors with
        | null -> Ok()
        | _ when isWhole -> Ok()
        | _ -> Refuse.because "neighbours" "of a frame with bodies beside others" "none from outside"
        |> Result.bind (fun () ->
            if kept.Length = 0 then
                Ok energy
            else
                evaluate
                    (if isWhole then frame else part)
                    kept
                    (Memory centers)
                    (Memory forces)
                    (Memory torques)
                    (Memory virial)
                |> Result.map (fun more ->
                    let f = forcesInto.Span
                    let t = torquesInto.Span
                    let v = virialInto.Span

                    for k in 0 .. kept.Length - 1 do
                        for axis in 0..2 do
                            let at = 3 * kept[k] + axis
                            f[at] <- f[at] + forces[3 * k + axis]
                            t[at] <- t[at] + torques[3 * k + axis]

                    for i in 0..8 do
                        v[i] <- v[i] + virial[i]

                    let c = centersInto.Span

                    for k in 0 .. centers.Length - 1 do
                        let at = if isWhole then k else kept[k]
                        c[at] <- c[at] + centers[k]

                    energy + more))

    /// The energy of a frame, into `forces` and `torques` (lab frame, about each centre) three numbers a particle, into `virial` W_ab = Σ r_a f_b = −∂E/∂ε_ab, a slowest; with
    /// neighbours from outside or its own. Refuses frames with species that the potential does not know, and memory of other lengths.
    member engine.Evaluate
        (
            frame: Frame,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        engine.EvaluateCenters(frame, Memory.Empty, forces, torques, virial, neighbors)

    /// The same with the energies of the centres in the order of the neighbours from outside, or of the particles: a pair's energy is that of its two directions in pair
    /// spectra, and half of each body's where bodies are made of sites. No memory for them: they are not written.
    member _.EvaluateCenters
        (
            frame: Frame,
            centers: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        match contact, sites with
        | Some one, None -> one.EvaluateCenters(frame, centers, forces, torques, virial, neighbors)
        | _, Some bodies ->
            known frame
            |> Result.bind (fun () -> bodies.EvaluateCenters(frame, centers, forces, torques, virial, neighbors))
            |> Result.bind (fun energy ->
                match contact with
                | Some one ->
                    let evaluate part _ c f t v = one.EvaluateCenters(part, c, f, t, v, neighbors)
                    addContact evaluate frame centers forces torques virial neighbors energy
                | None -> Ok energy)
        | None, None -> Ok 0.0

    /// Whether `EvaluatePairs` can be asked: where nothing but bodies made of sites acts. Pairs in pair spectra have two directions.
    member _.TakesPairs: bool = contact.IsNone

    /// The same with neighbours from outside that have every pair once, with either of its particles as the centre: half the work. `particles` has the energies of all particles, half of a
    /// pair's for each, or no room. Refused where pairs have two directions (`TakesPairs`).
    member _.EvaluatePairs
        (
            frame: Frame,
            particles: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            neighbors: INeighbors
        ) : Result<float, AniSoapError> =
        match contact, sites with
        | None, Some bodies ->
            known frame
            |> Result.bind (fun () -> bodies.EvaluatePairs(frame, particles, forces, torques, virial, neighbors))
        | None, None -> Ok 0.0
        | Some _, _ ->
            Refuse.because
                "neighbours with every pair once"
                "by pair spectra, whose pairs have two directions"
                "potentials of bodies made of sites alone"

    /// The energy of the frame's particles at other places: `positions` are x, y, z, `orientations` unit quaternions w, x, y, z of one particle after another. The rest as in
    /// `Evaluate`; for simulations, where nothing but these numbers changes. Refuses numbers that are not finite.
    member _.EvaluateAt
        (
            frame: Frame,
            positions: float[],
            orientations: float[],
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>
        ) : Result<float, AniSoapError> =
        match contact, sites with
        | Some one, None -> one.EvaluateAt(frame, positions, orientations, forces, torques, virial)
        | None, Some one ->
            known frame
            |> Result.bind (fun () -> one.EvaluateAt(frame, positions, orientations, forces, torques, virial))
        | Some one, Some bodies ->
            known frame
            |> Result.bind (fun () -> bodies.EvaluateAt(frame, positions, orientations, forces, torques, virial))
            |> Result.bind (fun energy ->
                let evaluate part (kept: int[]) _ f t v =
                    let of' width (numbers: float[]) =
                        kept |> Array.collect (fun i -> Array.sub numbers (width * i) width)

                    one.EvaluateAt(part, of' 3 positions, of' 4 orientations, f, t, v)

                addContact evaluate frame Memory.Empty forces torques virial null energy)
        | None, None -> Ok 0.0
