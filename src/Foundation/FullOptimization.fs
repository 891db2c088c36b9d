namespace AniSoap.Numerics

// A pointer to memory on the stack, never read.
#nowarn "9"

open Microsoft.FSharp.NativeInterop

/// .NET compiles a method quickly first and well once it has been called often. Kernels are called seldom and stay for long. The attribute that asks
/// for good code at once (MethodImplOptions.AggressiveOptimization) is not passed on by the F# compiler; but a method with a loop and memory on the
/// stack cannot be replaced while it runs, and so is compiled well from the start.
module internal FullOptimization =
    /// To be called at the beginning of a method with a loop.
    let inline ask () = NativePtr.write (NativePtr.stackalloc<byte> 1) 0uy
