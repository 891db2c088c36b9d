namespace AniSoap

open System
open System.Collections.Immutable

/// The derivatives of a number E (an energy, say) by everything that a frame is made of (docs/conventions.md, *Derivatives*). Units: that of E, by
/// the length unit of the input for positions and semi-axes, by radians for rotations.
[<NoComparison>]
type FrameGradient = {
    /// The spectrum that was pulled back through, computed in the same pass: of the mean, the species side by side; else a row a particle. Empty where
    /// derivatives by coefficients were.
    Values: ReadOnlyMemory<float>
    /// ∂E/∂r_j: particle j and its periodic images move, orientation and cell stay.
    Positions: ImmutableArray<Vector3>
    /// ∂E/∂ω_j: particle j turns about the lab's axes through its own centre.
    Orientations: ImmutableArray<Vector3>
    /// ∂E/∂a_j of the semi-axes along the body's x, y and z; none unless asked for.
    SemiAxes: ImmutableArray<Vector3>
    /// ∂E/∂ε_qp, row q, column p: all positions and cell vectors become (1 + ε) r, orientations and semi-axes stay.
    Strain: Matrix3
} with

    /// −∂E/∂r_j
    member gradient.Forces = gradient.Positions |> Seq.map (~-) |> ImmutableArray.CreateRange

    /// −∂E/∂ω_j about the lab's axes.
    member gradient.Torques = gradient.Orientations |> Seq.map (~-) |> ImmutableArray.CreateRange

    /// −∂E/∂ε; stress is ∂E/∂ε divided by the volume. Symmetric where no torque acts: its antisymmetric part balances the torques,
    /// Virial_qp − Virial_pq = the sum of all torques about the axis that turns q into p.
    member gradient.Virial = -1.0 * gradient.Strain
