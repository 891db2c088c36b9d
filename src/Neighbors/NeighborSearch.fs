namespace AniSoap

open System

/// Neighbours from outside: of which particles a program looks at the surroundings, and which others it has found there. What a simulation program has anyway:
/// all its particles, images ("ghosts") as particles of their own, with a list for each of its own ones. Asked by several threads at once.
type INeighbors =
    /// Number of particles whose surroundings are described: the centres.
    abstract CenterCount: int

    /// The particle that is the centre at a place, 0 … CenterCount − 1: results stand in this order.
    abstract Center: place: int -> int

    /// The particles that may be neighbours of the centre at a place: all within the cutoff radius, each once, in an order of their own. Others may stand there
    /// too, the centre itself as well: distances decide.
    abstract Candidates: place: int -> ReadOnlySpan<int>

/// Lists of neighbours from outside, one after another in one array; filled again and again.
[<Sealed>]
type NeighborTable() =
    let mutable centerParticles = Array.empty<int>
    let mutable firstOf = Array.zeroCreate<int> 1
    let mutable candidates = Array.empty<int>
    let mutable count = 0

    let filled (known: int[]) (given: ReadOnlySpan<int>) =
        let room =
            if known.Length >= given.Length then
                known
            else
                Array.zeroCreate (given.Length + given.Length / 2)

        given.CopyTo(Span room)
        room

    /// Takes over copies: the particles that are centres; for each where its candidates begin in `neighbors`, and one number more for the end of the last;
    /// the candidates. Refuses beginnings that do not fit.
    member _.Fill
        (centers: ReadOnlyMemory<int>, firstNeighbors: ReadOnlyMemory<int>, neighbors: ReadOnlyMemory<int>)
        : Result<unit, AniSoapError> =
        let given = centers.Span
        let starts = firstNeighbors.Span

        let mutable isAscending =
            starts.Length = given.Length + 1
            && starts[0] = 0
            && starts[given.Length] <= neighbors.Length

        let mutable i = 0

        while isAscending && i < given.Length do
            isAscending <- starts[i] <= starts[i + 1]
            i <- i + 1

        if not isAscending then
            AniSoapError.invalid
                "first neighbours"
                (String.Concat(string starts.Length, " numbers"))
                (String.Concat(
                    string (given.Length + 1),
                    " ascending numbers from 0 up to the number of neighbours: one for each centre, and one for the end"
                ))
            |> Error
        else
            centerParticles <- filled centerParticles given
            firstOf <- filled firstOf starts
            candidates <- filled candidates neighbors.Span
            count <- given.Length
            Ok()

    interface INeighbors with
        member _.CenterCount = count
        member _.Center place = centerParticles[place]
        member _.Candidates place = ReadOnlySpan(candidates, firstOf[place], firstOf[place + 1] - firstOf[place])

/// Neighbours as kernels ask for them, of a grid of bins or of a list from outside.
[<AbstractClass>]
type internal NeighborSearch() =
    /// Number of centres; each has a place, in the order of the results.
    abstract Count: int

    /// The particle that is the centre at a place.
    abstract Center: place: int -> int

    /// The same places in an order in which centres near each other in space follow each other.
    abstract Near: index: int -> int

    /// Fills the buffer with the neighbours of the centre at a place, itself (without shift) not among them.
    abstract Find: place: int * buffer: NeighborBuffer -> unit

/// The neighbours that a list from outside says.
[<Sealed>]
type internal ListSearch() =
    inherit NeighborSearch()
    let mutable list = Unchecked.defaultof<INeighbors>
    let mutable positions = Array.empty<float>
    let mutable centers = 0
    let mutable particles = 0
    let mutable squaredCutoff = 0.0
    let mutable stray = -1

    /// Takes a list, and the positions of all particles in the unit of the cutoff. Centres must be particles before anything is asked for.
    member _.Fill(neighbors: INeighbors, centerCount: int, given: float[], count: int, cutoff: float) =
        list <- neighbors
        centers <- centerCount
        positions <- given
        particles <- count
        squaredCutoff <- cutoff * cutoff
        stray <- -1

        for place in centers - 1 .. -1 .. 0 do
            if uint32 (list.Center place) >= uint32 count then
                stray <- place

    /// A place whose list has particles that there are none of; −1 as long as all are well.
    member _.Stray = stray

    /// What is wrong with the list of such a place.
    static member Check(stray: int) : Result<unit, AniSoapError> =
        if stray < 0 then
            Ok()
        else
            AniSoapError.invalid
                "neighbours of the centre at place"
                stray
                "numbers of particles of the frame, of the centre and of all its neighbours"
            |> Error

    override _.Count = centers
    override _.Center place = list.Center place
    override _.Near index = index

    override _.Find(place, buffer) =
        AniSoap.Numerics.FullOptimization.ask ()
        let candidates = list.Candidates place
        let own = list.Center place
        buffer.EnsureRoom(candidates.Length + 1)
        let x = positions[3 * own]
        let y = positions[3 * own + 1]
        let z = positions[3 * own + 2]
        let second = buffer.Second
        let resultX = buffer.X
        let resultY = buffer.Y
        let resultZ = buffer.Z
        let mutable k = 0

        for i in 0 .. candidates.Length - 1 do
            let found = candidates[i]

            if uint32 found >= uint32 particles then
                stray <- place
            else
                let rx = positions[3 * found] - x
                let ry = positions[3 * found + 1] - y
                let rz = positions[3 * found + 2] - z
                second[k] <- found
                resultX[k] <- rx
                resultY[k] <- ry
                resultZ[k] <- rz

                if rx * rx + ry * ry + rz * rz < squaredCutoff && found <> own then
                    k <- k + 1

        // Images are particles of their own here.
        Array.Clear(buffer.Shift, 0, 3 * k)
        buffer.Count <- k

/// The neighbours of some particles alone.
[<Sealed>]
type internal ChosenSearch() =
    inherit NeighborSearch()
    let mutable all = Unchecked.defaultof<NeighborSearch>
    let mutable centers = Array.empty<int>

    /// Takes a search in which every particle is a centre, and the particles that are to be centres.
    member _.Fill(search: NeighborSearch, particles: int[]) =
        all <- search
        centers <- particles

    override _.Count = centers.Length
    override _.Center place = centers[place]
    override _.Near index = index
    override _.Find(place, buffer) = all.Find(centers[place], buffer)
