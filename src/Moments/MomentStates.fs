/// Where the recursion of moments (MomentRecursion.fs) finds its numbers: parameters of the Gaussians, states, planes.
module internal AniSoap.Numerics.MomentStates

/// The parameters of a group of lanes, in the order in which they are stored: one vector of lanes each.
module Parameter =
    [<Literal>]
    let Weight = 0

    [<Literal>]
    let CX = 1

    [<Literal>]
    let CY = 2

    [<Literal>]
    let CZ = 3

    [<Literal>]
    let VXX = 4

    [<Literal>]
    let VXY = 5

    [<Literal>]
    let VXZ = 6

    [<Literal>]
    let VYY = 7

    [<Literal>]
    let VYZ = 8

    [<Literal>]
    let VZZ = 9

    [<Literal>]
    let Count = 10

/// Number of states of degree up to D.
let stateCount degree = (degree + 1) * (degree + 2) * (degree + 3) / 6

/// Doubles from one row of a plane to the next. Four rows are read and written at the same place at a time: where they lie a page of 4 KB apart, or nearly so, a processor
/// that tells addresses apart by their last twelve bits has loads wait for stores that they have nothing to do with. Such rows are moved apart.
let rowLength degree step =
    let length = (degree + 1) * step
    let page = 4096 / sizeof<float>
    let pages = (length + page / 2) / page
    let least = page / 10 / 8 * 8

    if pages > 0 && abs (length - pages * page) < least then
        pages * page + least
    else
        length

/// Length of the memory for planes in doubles: the slots of the creeping plane (one below the lowest for "row −1"),
/// and two rows for the history of row 0.
let planesLength degree lanes groups = (2 * degree + 2 + 2) * rowLength degree (lanes * groups)

/// Length of the scratch memory in doubles: planes, and what MomentTiles.fs needs behind them.
let scratchLength degree lanes groups =
    planesLength degree lanes groups
    + ((degree + 1) * (degree + 2) / 2 + 1) * lanes * groups

/// How many states before they are stored sums are asked for that are not read before.
[<Literal>]
let FetchAhead = 4
