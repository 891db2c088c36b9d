namespace AniSoap.Learning

open System
open MathNet.Numerics.Statistics

/// How a run without a thermostat has kept its energy.
[<Struct; NoComparison>]
type EnergyDrift = {
    /// The mean of the total energy.
    Mean: float
    /// Its standard deviation: errors of the time step, which fall with its square.
    StandardDeviation: float
    /// How fast it rises, in energy a unit of time: the slope of the straight line through the means of twelve blocks.
    Slope: float
    /// The standard error of that slope; a slope within two of it is none.
    SlopeError: float
}

/// The drift of energies.
module EnergyDrift =
    /// Blocks of equal length: their means are nearly independent of each other, as moments that follow each other are not.
    [<Literal>]
    let private Blocks = 12

    /// Of the total energies of a run's moments, which are equally far apart; the last ones, where blocks do not divide them, are left out of the slope. `None` for
    /// fewer than two moments a block.
    let ofLogs (logs: SimulationLog seq) : EnergyDrift option =
        let logs = Seq.toArray logs
        let size = logs.Length / Blocks

        if size < 2 then
            None
        else
            let energies = logs |> Array.map _.TotalEnergy
            let blocks = logs |> Array.truncate (Blocks * size) |> Array.chunkBySize size
            let times = blocks |> Array.map (Array.averageBy _.Time)
            let means = blocks |> Array.map (Array.averageBy _.TotalEnergy)
            let middle, mean = Array.average times, Array.average means
            let spread = times |> Array.sumBy (fun t -> (t - middle) * (t - middle))

            let slope =
                (Array.fold2 (fun sum t h -> sum + (t - middle) * (h - mean)) 0.0 times means)
                / spread

            let left =
                Array.fold2
                    (fun sum t h ->
                        let rest = h - mean - slope * (t - middle)
                        sum + rest * rest)
                    0.0
                    times
                    means

            Some {
                Mean = ArrayStatistics.Mean energies
                StandardDeviation = ArrayStatistics.StandardDeviation energies
                Slope = slope
                SlopeError = sqrt (left / float (Blocks - 2) / spread)
            }
