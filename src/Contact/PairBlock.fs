/// A block of neighbours of one centre, one a lane: what kernels of pair spectra begin with, forwards and for the way back.
module internal AniSoap.Numerics.PairBlock

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop
open AniSoap

/// Numbers of a pair's chain: T (xx, xy, xz, yy, yz, zz) and s (x, y, z), so that ∂c/∂r = T E[∇f] + s c.
[<Literal>]
let ChainNumbers = 9

/// Finds the neighbours of the centre at a place and leaves them in the order, by species; where each species begins, and the end, in `starts`. Gives the centre.
let find (frame: PairFrame) (pairs: PairKernel.PairWorkspace) place (starts: int[]) =
    let core = pairs.Work
    frame.Search.Find(place, core.Neighbors)
    CenterKernel.sortNeighbors core frame.Gaussians.SpeciesIndex starts
    frame.Search.Center place

/// The moments of neighbours Order[first] … Order[first + count − 1], at most as many as there are lanes.
let moments (frame: PairFrame) (single: Projection) (pairs: PairKernel.PairWorkspace) first count =
    let core = pairs.Work
    let exponentScale = PairGaussian.exponentScale single.InUnit
    CenterKernel.fillLanes frame.Gaussians core exponentScale false first (first + count) 1

    MomentKernel.accumulate
        core.Width
        1
        true
        single.Table.Degree
        core.Parameters.Pointer
        core.Scratch.Pointer
        core.Sums.Pointer

/// T and s of the lanes whose `moments` were computed, by lengths in the unit of the input; zeros where there is no neighbour.
let fillChain
    (frame: PairFrame)
    (single: Projection)
    (pairs: PairKernel.PairWorkspace)
    first
    count
    (chain: nativeptr<float>)
    =
    FullOptimization.ask ()
    let core = pairs.Work
    let numbers = frame.Gaussians.Numbers
    let unit = single.Unit.FromUser
    let exponentScale = PairGaussian.exponentScale single.InUnit
    let parameters = core.Parameters.Pointer
    let stride = pairs.Stride

    for lane in 0 .. count - 1 do
        let at = FrameGaussians.Stride * core.Neighbors.Second[core.Order[first + lane]]

        for i in 0..5 do
            NativePtr.set chain (i * stride + lane) (unit * numbers[at + i])

        for i in 0..2 do
            let mean = NativePtr.get parameters ((MomentStates.Parameter.CX + i) * core.Lanes + lane)
            NativePtr.set chain ((6 + i) * stride + lane) (-unit * exponentScale * mean)

    for lane in count .. stride - 1 do
        for i in 0 .. ChainNumbers - 1 do
            NativePtr.set chain (i * stride + lane) 0.0
