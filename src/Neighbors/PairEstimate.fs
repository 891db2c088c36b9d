namespace AniSoap

open System
open System.Collections.Generic

/// How many pairs of neighbours a frame has, without looking for them.
[<Struct>]
type internal PairEstimate = {
    /// Directed pairs, images counted.
    Pairs: float
    /// Neighbours of the particle that has most.
    Most: float
}

/// Estimates of numbers of pairs in one pass over the particles.
///
/// Particles are counted in bins at least as thick as the cutoff along each axis of the cell, so that the neighbours of a particle are in its bin and the
/// bins around it; an axis too short for three bins is one bin, all of whose images within the cutoff count. That bounds the number of pairs; it is
/// weighted with the part of those bins that the ball of neighbours fills if they are evenly filled.
module internal PairEstimate =
    [<Struct>]
    type private Axis = {
        Row: Vector3
        IsPeriodic: bool
        Low: float
        Bins: int64
        /// Bins per fraction of the cell vector; 0 for one bin.
        PerFraction: float
        /// How often the particles of a bin count: the images of a cell thinner than the ball.
        Images: float
        /// How far the bins around a particle reach, in cutoffs.
        Width: float
    }

    /// Most bins along an axis: the product of three is a number of 64 bits.
    [<Literal>]
    let private MostBins = 1e6

    let private periodicAxis row reach =
        let bins = Math.Min(Math.Floor(1.0 / reach), MostBins)

        let axis = {
            Row = row
            IsPeriodic = true
            Low = 0.0
            Bins = 1L
            PerFraction = 0.0
            Images = 1.0
            Width = 0.0
        }

        if bins >= 3.0 then
            { axis with Bins = int64 bins; PerFraction = bins; Width = 3.0 / (bins * reach) }
        else
            let images = Math.Max(1.0, 2.0 * reach)
            { axis with Images = images; Width = images / reach }

    let private openAxis row reach (frame: Frame) =
        let mutable low, high = infinity, -infinity

        for i in 0 .. frame.Particles.Length - 1 do
            let value = Vector3.dot row (frame.Particles.PositionOf i)
            low <- min low value
            high <- max high value

        let extent = (high - low) / reach

        let axis = {
            Row = row
            IsPeriodic = false
            Low = low
            Bins = 1L
            PerFraction = 0.0
            Images = 1.0
            Width = extent
        }

        if extent > 1.0 then
            let bins = Math.Min(Math.Floor extent, MostBins)
            let thickness = extent / bins

            {
                axis with
                    Bins = int64 bins
                    PerFraction = 1.0 / (thickness * reach)
                    Width = thickness * Math.Min(3.0, bins)
            }
        else
            axis

    let private axes cutoff (frame: Frame) =
        let rows = Matrix3.transpose (Matrix3.inverse frame.Cell.Basis)
        let p = frame.Cell.Periodicity

        [| struct (rows.Row1, p.A); struct (rows.Row2, p.B); struct (rows.Row3, p.C) |]
        |> Array.map (fun struct (row, isPeriodic) ->
            // The cutoff in cell vectors.
            let reach = cutoff * Vector3.norm row

            if isPeriodic then
                periodicAxis row reach
            else
                openAxis row reach frame)

    /// The part of the bins around a particle that its neighbours fill: a ball, or a disc or a rod of it where the bins reach less far than the ball.
    let private filling (axes: Axis[]) =
        let wide = axes |> Array.filter (fun axis -> axis.Width >= 2.0) |> Array.map _.Width
        let ball = [| 1.0; 2.0; Math.PI; 4.0 / 3.0 * Math.PI |][wide.Length]
        Math.Min(1.0, ball / (wide |> Array.fold (*) 1.0))

    let private binOf (axis: Axis) (position: Vector3) =
        if axis.Bins = 1L then
            0L
        else
            let value = Vector3.dot axis.Row position

            let fraction =
                if axis.IsPeriodic then
                    value - Math.Floor value
                else
                    value - axis.Low

            Math.Clamp(int64 (fraction * axis.PerFraction), 0L, axis.Bins - 1L)

    /// The bin so many steps (−1, 0, 1) from another along an axis; −1 where there is none, or it is another step's.
    let inline private beside (axis: Axis) (bin: int64) (step: int64) =
        let other = bin + step

        if axis.Bins = 1L then
            (if step = 0L then 0L else -1L)
        elif other >= 0L && other < axis.Bins then
            other
        elif axis.IsPeriodic then
            (if other < 0L then other + axis.Bins else other - axis.Bins)
        else
            -1L

    let private binned (axes: Axis[]) (frame: Frame) =
        let nb, nc = axes[1].Bins, axes[2].Bins
        let all = axes[0].Bins * nb * nc
        let particles = frame.Particles
        // Densely where that is no more memory than the particles.
        let isDense = all <= 4L * int64 particles.Length + 64L
        let dense = Array.zeroCreate<int>(if isDense then int all else 0)
        let sparse = Dictionary<int64, int>()

        let known key =
            match sparse.TryGetValue key with
            | true, members -> members
            | _ -> 0

        for i in 0 .. particles.Length - 1 do
            let position = particles.PositionOf i

            let key =
                (binOf axes[0] position * nb + binOf axes[1] position) * nc
                + binOf axes[2] position

            if isDense then
                dense[int key] <- dense[int key] + 1
            else
                sparse[key] <- known key + 1

        let count key = if isDense then dense[int key] else known key

        let weight = filling axes * axes[0].Images * axes[1].Images * axes[2].Images
        let mutable pairs = 0.0
        let mutable most = 0.0

        let add key (members: int) =
            let mutable sum = 0.0

            for stepA in -1L .. 1L do
                let a = beside axes[0] (key / (nb * nc)) stepA

                for stepB in -1L .. 1L do
                    let b = beside axes[1] (key / nc % nb) stepB

                    if a >= 0L && b >= 0L then
                        for stepC in -1L .. 1L do
                            let c = beside axes[2] (key % nc) stepC

                            if c >= 0L then
                                sum <- sum + float (count ((a * nb + b) * nc + c))

            pairs <- pairs + float members * sum * weight
            most <- max most (sum * weight)

        if isDense then
            for key in 0 .. dense.Length - 1 do
                if dense[key] > 0 then
                    add (int64 key) dense[key]
        else
            for KeyValue(key, members) in sparse do
                add key members

        { Pairs = pairs; Most = most }

    /// An estimate, or a bound where that is at most `enough` pairs.
    let ofFrame (enough: float) (cutoff: float) (frame: Frame) : PairEstimate =
        let count = float frame.Particles.Length
        let rows = Matrix3.transpose (Matrix3.inverse frame.Cell.Basis)
        let p = frame.Cell.Periodicity

        let images (row: Vector3) isPeriodic =
            if isPeriodic then
                2.0 * cutoff * Vector3.norm row + 1.0
            else
                1.0

        let images = images rows.Row1 p.A * images rows.Row2 p.B * images rows.Row3 p.C
        let bound = { Pairs = count * count * images; Most = count * images }

        if count = 0.0 then { Pairs = 0.0; Most = 0.0 }
        elif bound.Pairs <= enough then bound
        else binned (axes cutoff frame) frame
