namespace AniSoap

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open AniSoap.Numerics

/// Fills `cotangent` with ∂E/∂(spectrum of a particle), given that spectrum.
type SpectrumCotangentHandler =
    delegate of particle: int * spectrum: ReadOnlySpan<float> * cotangent: Span<float> -> unit

/// Room of the caller's for the derivatives of a number E by everything that a frame is made of, each empty where it is not wanted. Derivatives by semi-axes cost
/// about as much again.
[<Struct; NoEquality; NoComparison>]
type GradientRoom =
    val private positions: Memory<float>
    val private orientations: Memory<float>
    val private semiAxes: Memory<float>
    val private strain: Memory<float>

    /// Room for what is wanted.
    new(positions, orientations, strain, semiAxes) =
        {
            positions = positions
            orientations = orientations
            semiAxes = semiAxes
            strain = strain
        }

    /// ∂E/∂r_j of every particle: x, y, z of one after another. Ghosts have their own; who knows whose images they are adds them up.
    member room.Positions: Memory<float> = room.positions

    /// ∂E/∂ω_j of every particle, turned about the lab's axes through its own centre.
    member room.Orientations: Memory<float> = room.orientations

    /// ∂E/∂a_j of the semi-axes along the body's x, y and z.
    member room.SemiAxes: Memory<float> = room.semiAxes

    /// ∂E/∂ε_qp, row q, column p: nine numbers.
    member room.Strain: Memory<float> = room.strain

/// What derivatives by features are refused for.
module internal CotangentCheck =
    [<Literal>]
    let ByFeature = "derivative by feature"

    /// Whether all are numbers: zero times anything else is none.
    let private areFinite (values: ReadOnlySpan<float>) =
        FullOptimization.ask ()
        let mutable one = Vector256<float>.Zero
        let mutable other = Vector256<float>.Zero
        let mutable i = 0

        while i + 8 <= values.Length do
            let first = Vector256.LoadUnsafe(&MemoryMarshal.GetReference values, unativeint i)
            let second = Vector256.LoadUnsafe(&MemoryMarshal.GetReference values, unativeint (i + 4))
            one <- Vector256.MultiplyAddEstimate(first, Vector256<float>.Zero, one)
            other <- Vector256.MultiplyAddEstimate(second, Vector256<float>.Zero, other)
            i <- i + 8

        let mutable sum = Vector256.Sum(one + other)

        while i < values.Length do
            sum <- sum + 0.0 * values[i]
            i <- i + 1

        sum = 0.0

    /// Refuses numbers that are none: they would be in every force.
    let finite name (values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        if areFinite values then
            Ok()
        else
            let mutable stray = 0

            while Double.IsFinite values[stray] do
                stray <- stray + 1

            Error(AniSoapError.invalid (String.Concat(name, " ", string stray)) values[stray] "finite numbers")
