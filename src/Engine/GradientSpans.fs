namespace AniSoap

open System
open System.Runtime.CompilerServices
open AniSoap.Numerics

/// Fills `cotangent` with ∂E/∂(spectrum of a particle), given that spectrum.
type SpectrumCotangentHandler =
    delegate of particle: int * spectrum: ReadOnlySpan<float> * cotangent: Span<float> -> unit

/// Room of the caller's for the derivatives of a number E by everything that a frame is made of, each empty where it is not wanted. Derivatives by semi-axes cost
/// about as much again.
[<Struct; IsByRefLike; NoEquality; NoComparison>]
type GradientSpans =
    val private positions: Span<float>
    val private orientations: Span<float>
    val private semiAxes: Span<float>
    val private strain: Span<float>

    /// Room for what is wanted.
    new(positions, orientations, strain, semiAxes) =
        {
            positions = positions
            orientations = orientations
            semiAxes = semiAxes
            strain = strain
        }

    /// ∂E/∂r_j of every particle: x, y, z of one after another. Ghosts have their own; who knows whose images they are adds them up.
    member room.Positions: Span<float> = room.positions

    /// ∂E/∂ω_j of every particle, turned about the lab's axes through its own centre.
    member room.Orientations: Span<float> = room.orientations

    /// ∂E/∂a_j of the semi-axes along the body's x, y and z.
    member room.SemiAxes: Span<float> = room.semiAxes

    /// ∂E/∂ε_qp, row q, column p: nine numbers.
    member room.Strain: Span<float> = room.strain

/// What derivatives by features are refused for.
module internal CotangentCheck =
    [<Literal>]
    let ByFeature = "derivative by feature"

    /// Refuses numbers that are none: they would be in every force.
    let finite name (values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        FullOptimization.ask ()
        let mutable stray = -1

        for i in values.Length - 1 .. -1 .. 0 do
            if not (Double.IsFinite values[i]) then
                stray <- i

        if stray < 0 then
            Ok()
        else
            Error(AniSoapError.invalid (String.Concat(name, " ", string stray)) values[stray] "finite numbers")
