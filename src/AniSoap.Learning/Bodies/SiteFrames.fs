namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Frames with targets as pairs of bodies with weights.
module internal SiteFrames =
    /// The median of the sizes of energies a particle, 0 without any.
    let private typicalEnergy (targets: PotentialTargets[]) =
        let sizes =
            targets
            |> Array.choose (fun t -> t.Energy |> Option.map (fun e -> abs e / float (max 1 t.Frame.Particles.Length)))
            |> Array.sort

        if sizes.Length = 0 then 0.0 else sizes[sizes.Length / 2]

    /// Energies alone say how much acts by themselves: frames count (1 + |E|/E₀)^(−p), with E₀ the median.
    let private byEnergy robustness typical (targets: PotentialTargets) =
        match targets.Energy with
        | Some energy when
            typical > 0.0
            && targets.Forces.IsDefaultOrEmpty
            && targets.Torques.IsDefaultOrEmpty
            ->
            let one = abs energy / float targets.Frame.Particles.Length
            Math.Pow(1.0 + one / typical, -robustness)
        | _ -> 1.0

    /// Pairs within a distance of centres, and what rows count.
    let ofTargets
        (weights: RowWeights)
        (reach: float)
        (targets: PotentialTargets[])
        : Result<SiteFrame[], AniSoapError> =
        let typical = typicalEnergy targets
        let mutable failure = None

        let frames =
            targets
            |> Array.mapi (fun number one ->
                match failure, SiteRowsBuilder.pairs reach one.Frame with
                | None, Ok pairs ->
                    let ofParticles = RowWeights.ofParticles weights one
                    let ofFrame = RowWeights.mean ofParticles * byEnergy weights.Robustness typical one

                    {
                        Targets = one
                        Pairs = pairs
                        EnergyWeight = ofFrame * weights.Kinds[0] / float (max 1 one.Frame.Particles.Length)
                        ForceWeights = ofParticles |> Array.map (fun g -> g * weights.Kinds[1])
                        TorqueWeights = ofParticles |> Array.map (fun g -> g * weights.Kinds[2])
                    }
                | None, Error error ->
                    failure <- Some(AniSoapError.at { Place.Unknown with Frame = Some number } error)
                    Unchecked.defaultof<_>
                | _ -> Unchecked.defaultof<_>)

        match failure with
        | Some error -> Error error
        | None -> Ok frames

    /// A fifth to be held out: dimers, every fifth; of frames of more particles every fifth particle's rows, and every fifth frame's energy.
    let split (frames: SiteFrame[]) : struct (SiteFrame[] * SiteFrame[]) =
        let mutable dimers = 0

        let parts =
            frames
            |> Array.mapi (fun number frame ->
                if frame.IsDimer then
                    let isOut = dimers % 5 = 0
                    dimers <- dimers + 1

                    if isOut then
                        struct (None, Some frame)
                    else
                        struct (Some frame, None)
                else
                    let part isOut = {
                        frame with
                            EnergyWeight = (if (number % 5 = 4) = isOut then frame.EnergyWeight else 0.0)
                            ForceWeights =
                                frame.ForceWeights
                                |> Array.mapi (fun i w -> if (i % 5 = 2) = isOut then w else 0.0)
                            TorqueWeights =
                                frame.TorqueWeights
                                |> Array.mapi (fun i w -> if (i % 5 = 2) = isOut then w else 0.0)
                    }

                    struct (Some(part false), Some(part true)))

        struct (parts |> Array.choose (fun (struct (a, _)) -> a), parts |> Array.choose (fun (struct (_, b)) -> b))
