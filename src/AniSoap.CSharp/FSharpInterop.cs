using System.ComponentModel;

namespace AniSoap.CSharp.Interop;

/// <summary>
/// The way to and from the types of the F# library, for what only it or a package built on it offers. Nothing is copied.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class FSharpInterop
{
    /// <summary>The frame of the F# library.</summary>
    public static Core.Frame ToFSharp(this Frame frame) => frame.Inner;

    /// <summary>The labelled arrays of the F# library.</summary>
    public static Core.TensorMap ToFSharp(this TensorMap map) => map.Inner;

    /// <summary>The hyperparameters of the F# library.</summary>
    /// <exception cref="InvalidValueException">The Gaussian width is missing, or there is one where the basis has none.</exception>
    public static Core.Hypers ToFSharp(this Hyperparameters hyperparameters) => hyperparameters.ToCore();

    /// <summary>The frame of this library.</summary>
    public static Frame ToCSharp(this Core.Frame frame) => new(frame);

    /// <summary>The labelled arrays of this library.</summary>
    public static TensorMap ToCSharp(this Core.TensorMap map) => new(map);
}
