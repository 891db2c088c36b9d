/// The products of RowProducts.fs with moments that are not kept: plane after plane of the recursion (MomentRecursion.fs), while it lies in the first-level cache. Four multiply-adds a state for
/// the moments once more, but nothing is stored beyond the cache; the sums are taken in the same order, so that the numbers are the same to the last bit.
module internal AniSoap.Numerics.MomentProducts

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop

/// What a block of pairs is multiplied with, and where the results go: seven rows of weights and seven of results, and as many for shapes, or none.
[<Struct; NoComparison; NoEquality>]
type Job = {
    Width: MomentKernel.Width
    Degree: int
    /// Doubles from one row of weights to the next.
    Stride: int
    Weights: nativeptr<float>
    Results: nativeptr<float>
    WithShapes: bool
    ShapeWeights: nativeptr<float>
    ShapeResults: nativeptr<float>
}

/// The products of plane b, whose row 0 begins at `row0`, added to those of the planes before.
let private addPlane (job: Job) groups b row0 =
    let pitch = MomentStates.rowLength job.Degree (groups * MomentKernel.lanesOf job.Width)

    let lines = job.Degree - b + 1
    // The planes from b on have as many states as the recursion of degree D − b.
    let state = MomentStates.stateCount job.Degree - MomentStates.stateCount (job.Degree - b)

    let inline add weights results =
        let weights = NativePtr.add weights state
        RowProducts.computePlane job.Width groups (b > 0) lines pitch job.Stride weights row0 results

    add job.Weights job.Results

    if job.WithShapes then
        add job.ShapeWeights job.ShapeResults

// One method each, as in MomentKernel.fs.

let private three512 job degree parameters scratch =
    FullOptimization.ask ()

    MomentKernel.run512
        3
        false
        false
        false
        (fun b row0 -> addPlane job 3 b row0)
        degree
        parameters
        scratch
        scratch
        scratch

let private two512 job degree parameters scratch =
    FullOptimization.ask ()

    MomentKernel.run512
        2
        false
        false
        false
        (fun b row0 -> addPlane job 2 b row0)
        degree
        parameters
        scratch
        scratch
        scratch

let private one512 job degree parameters scratch =
    FullOptimization.ask ()

    MomentKernel.run512
        1
        false
        false
        false
        (fun b row0 -> addPlane job 1 b row0)
        degree
        parameters
        scratch
        scratch
        scratch

let private two256 job degree parameters scratch =
    FullOptimization.ask ()

    MomentKernel.run256
        2
        false
        false
        false
        (fun b row0 -> addPlane job 2 b row0)
        degree
        parameters
        scratch
        scratch
        scratch

let private one256 job degree parameters scratch =
    FullOptimization.ask ()

    MomentKernel.run256
        1
        false
        false
        false
        (fun b row0 -> addPlane job 1 b row0)
        degree
        parameters
        scratch
        scratch
        scratch

let private two128 job degree parameters scratch =
    FullOptimization.ask ()

    MomentKernel.run128
        2
        false
        false
        false
        (fun b row0 -> addPlane job 2 b row0)
        degree
        parameters
        scratch
        scratch
        scratch

let private one128 job degree parameters scratch =
    FullOptimization.ask ()

    MomentKernel.run128
        1
        false
        false
        false
        (fun b row0 -> addPlane job 1 b row0)
        degree
        parameters
        scratch
        scratch
        scratch

/// Groups of lanes in a block: as many as MomentKernel has, or fewer where their first plane would fill more than half of the first-level cache; its other half is for weights.
let mostGroups width degree =
    let plane groups =
        (degree + 1) * (degree + 2) / 2
        * groups
        * MomentKernel.lanesOf width
        * sizeof<float>

    let mutable groups = MomentKernel.mostGroups width

    while groups > 2 && plane groups > CacheSizes.first / 2 do
        groups <- groups - 1

    groups

/// The products of a block of 1, 2 or 3 groups of lanes, given their parameters.
let compute (job: Job) groups parameters scratch =
    match job.Width, groups with
    | MomentKernel.Wide512, 3 -> three512 job job.Degree parameters scratch
    | MomentKernel.Wide512, 2 -> two512 job job.Degree parameters scratch
    | MomentKernel.Wide512, _ -> one512 job job.Degree parameters scratch
    | MomentKernel.Wide256, 2 -> two256 job job.Degree parameters scratch
    | MomentKernel.Wide256, _ -> one256 job job.Degree parameters scratch
    | MomentKernel.Portable, 2 -> two128 job job.Degree parameters scratch
    | MomentKernel.Portable, _ -> one128 job job.Degree parameters scratch
