namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs. Static members of an interface are what the compiler warns of as a rarely needed thing: with a structure
// for each kind of vectors, .NET compiles a kernel once for each, all calls inlined.
#nowarn "9"
#nowarn "3535"

open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

/// What kernels do with vectors of numbers, one a neighbour: written once, compiled for four and for eight.
type internal ILanes<'V> =
    /// Numbers of a vector.
    static abstract Count: int
    static abstract Load: pointer: nativeptr<float> * index: int -> 'V
    static abstract Store: pointer: nativeptr<float> * index: int * value: 'V -> unit
    /// The same number everywhere.
    static abstract Fill: value: float -> 'V
    static abstract Add: x: 'V * y: 'V -> 'V
    static abstract Multiply: x: 'V * y: 'V -> 'V
    static abstract Divide: x: 'V * y: 'V -> 'V
    /// x y + z.
    static abstract MultiplyAdd: x: 'V * y: 'V * z: 'V -> 'V
    static abstract SquareRoot: x: 'V -> 'V
    static abstract Exponential: x: 'V -> 'V
    static abstract Logarithm: x: 'V -> 'V
    static abstract Largest: x: 'V * y: 'V -> 'V
    /// `yes` where x ≤ y, else `no`.
    static abstract Choose: x: 'V * y: 'V * yes: 'V * no: 'V -> 'V

/// Four numbers: AVX2, or what a machine has instead.
[<Struct>]
type internal Lanes256 =
    interface ILanes<Vector256<float>> with
        static member Count = 4

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(pointer, index) = Vector256.Load(NativePtr.add pointer index)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(pointer, index, value) = Vector256.Store(value, NativePtr.add pointer index)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Fill value = Vector256.Create(value: float)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Add(x, y) = Vector256.Add(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Multiply(x, y) = Vector256.Multiply(x, (y: Vector256<float>))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Divide(x, y) = Vector256.Divide(x, (y: Vector256<float>))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member MultiplyAdd(x, y, z) = Vector256.MultiplyAddEstimate(x, y, z)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SquareRoot x = Vector256.Sqrt(x: Vector256<float>)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exponential x = Vector256.Exp(x: Vector256<float>)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Logarithm x = Vector256.Log(x: Vector256<float>)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(x, y) = Vector256.Max(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Choose(x, y, yes, no) = Vector256.ConditionalSelect(Vector256.LessThanOrEqual(x, y), yes, no)

/// Eight numbers: AVX-512.
[<Struct>]
type internal Lanes512 =
    interface ILanes<Vector512<float>> with
        static member Count = 8

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(pointer, index) = Vector512.Load(NativePtr.add pointer index)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(pointer, index, value) = Vector512.Store(value, NativePtr.add pointer index)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Fill value = Vector512.Create(value: float)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Add(x, y) = Vector512.Add(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Multiply(x, y) = Vector512.Multiply(x, (y: Vector512<float>))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Divide(x, y) = Vector512.Divide(x, (y: Vector512<float>))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member MultiplyAdd(x, y, z) = Vector512.MultiplyAddEstimate(x, y, z)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SquareRoot x = Vector512.Sqrt(x: Vector512<float>)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exponential x = Vector512.Exp(x: Vector512<float>)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Logarithm x = Vector512.Log(x: Vector512<float>)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(x, y) = Vector512.Max(x, y)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Choose(x, y, yes, no) = Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, y), yes, no)
