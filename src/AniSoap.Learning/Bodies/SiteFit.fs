namespace AniSoap.Learning

open System
open AniSoap

/// Positions of sites as linear functions of what is searched: site = M p with p of its generator, so that the sites of a symmetric orbit move together.
[<Sealed>]
type internal SiteOrbits(generators: int[], maps: Matrix3[]) =
    let count =
        if generators.Length = 0 then
            0
        else
            1 + Array.max generators

    /// Every site by itself.
    static member Free(sites: int) = SiteOrbits(Array.init sites id, Array.create sites Matrix3.identity)

    /// Of bodies one after another: so many generators, each of which all of the body's turns repeat, one after another.
    static member Repeated(bodies: struct (int * Matrix3[])[]) =
        let firsts = bodies |> Array.scan (fun sum (struct (count, _)) -> sum + count) 0

        SiteOrbits(
            bodies
            |> Seq.indexed
            |> Seq.collect (fun (k, struct (count, turns)) ->
                Seq.init (count * turns.Length) (fun s -> firsts[k] + s / turns.Length))
            |> Seq.toArray,
            bodies
            |> Array.collect (fun (struct (count, turns)) -> Array.concat (Array.create count turns))
        )

    /// Numbers that are searched: three a generator.
    member _.Count = 3 * count
    member _.Sites = generators.Length

    member _.Place(given: float[], sites: float[]) =
        for s in 0 .. generators.Length - 1 do
            let g = 3 * generators[s]
            let p = maps[s] * Vector3.create given[g] given[g + 1] given[g + 2]
            sites[3 * s] <- p.X
            sites[3 * s + 1] <- p.Y
            sites[3 * s + 2] <- p.Z

    /// The same in an array of its own.
    member orbits.Placed(given: float[]) : float[] =
        let sites = Array.zeroCreate<float>(3 * orbits.Sites)
        orbits.Place(given, sites)
        sites

    /// ∂(3 s + axis) / ∂(3 g + k), or nothing.
    member _.Derivative(site: int, axis: int, parameter: int) : float =
        if generators[site] <> parameter / 3 then
            0.0
        else
            let m = maps[site]

            let row =
                if axis = 0 then m.Row1
                elif axis = 1 then m.Row2
                else m.Row3

            match parameter % 3 with
            | 0 -> row.X
            | 1 -> row.Y
            | _ -> row.Z

/// What is the same for all fits to the same rows.
[<NoComparison; NoEquality>]
type internal SiteProblem = {
    Rows: SiteRows
    /// ℓ of the exponentials.
    Unit: float
    Cutoff: SiteCutoff voption
    /// λ of the weights.
    Ridge: float
}

/// Sites with weights.
[<NoComparison>]
type internal SiteSolution = {
    /// Sum of weighted squares, with what the ridge counts.
    Cost: float
    /// Three numbers a site, species after species.
    Sites: float[]
    Types: int[][]
    Weights: float[]
    Iterations: int
}

/// When a fit ends.
[<Struct>]
type internal SiteStop = {
    Iterations: int
    /// A fit that after eight steps is above a hundred times this, and has not fallen by 0.7 in three, is given up.
    Hopeless: float
}

/// One thread's memory of fits.
[<Sealed>]
type internal SiteFitWork() =
    member val Kernel = SiteKernelWork()
    member val Equations = SiteEquations()

/// Sites by variable projection (G. H. Golub, V. Pereyra, SIAM J. Numer. Anal. 10 (1973) 413): for every choice of sites the weights are those of least squares, so that only positions are
/// searched, by steps of K. Levenberg and D. Marquardt on Kaufman's derivatives, within a box.
module internal SiteFit =
    let private evaluate (problem: SiteProblem) (types: SiteTypes) (sites: float[]) (work: SiteFitWork) =
        SiteColumns.fill problem.Unit problem.Cutoff problem.Rows types sites work.Kernel

        work.Equations.Solve(
            work.Kernel.Columns,
            types.Kinds * SiteExponentials.count,
            problem.Rows.Rows,
            problem.Rows.Targets,
            problem.Ridge
        )

    /// Weighted residual, relative to the targets' own size, of a solution on other rows.
    let error (problem: SiteProblem) (solution: SiteSolution) (work: SiteFitWork) : float =
        let types = SiteTypes solution.Types
        let rows = problem.Rows
        SiteColumns.fill problem.Unit problem.Cutoff rows types solution.Sites work.Kernel
        let residual = Array.copy rows.Targets

        solution.Weights
        |> Array.iteri (fun k w -> Vectors.add -w (ReadOnlySpan(work.Kernel.Columns[k], 0, rows.Rows)) (Span residual))

        sqrt (Vectors.dot (ReadOnlySpan residual) (ReadOnlySpan residual) / rows.Squares)

    let private clip (limits: float[]) (x: float[]) =
        for i in 0 .. x.Length - 1 do
            x[i] <- max -limits[i] (min limits[i] x[i])

    /// The system of what is searched, H and g, out of that of all positions.
    let private reduce (orbits: SiteOrbits) n (hessian: float[]) (gradient: float[]) =
        let m = orbits.Count

        let map = Array.init n (fun i -> Array.init m (fun j -> orbits.Derivative(i / 3, i % 3, j)))

        let g = Array.init m (fun j -> Seq.sum (Seq.init n (fun i -> map[i][j] * gradient[i])))

        let half =
            Array.init n (fun i ->
                Array.init m (fun j -> Seq.sum (Seq.init n (fun k -> hessian[n * i + k] * map[k][j]))))

        let h = Array.zeroCreate<float>(m * m)

        for i in 0 .. m - 1 do
            for j in 0 .. m - 1 do
                h[m * i + j] <- Seq.sum (Seq.init n (fun k -> map[k][i] * half[k][j]))

        struct (h, g)

    /// The best sites from a start: `limits` bound what is searched, `longestStep` its steps.
    let run
        (problem: SiteProblem)
        (types: SiteTypes)
        (orbits: SiteOrbits)
        (limits: float[])
        (stop: SiteStop)
        (start: float[])
        (work: SiteFitWork)
        : SiteSolution =
        let count = types.Kinds * SiteExponentials.count
        let n = 3 * types.Sites
        let m = orbits.Count
        let isFree = (m = n)
        let mutable x = Array.copy start
        clip limits x
        let mutable sites = orbits.Placed x
        let mutable cost = evaluate problem types sites work
        let mutable weights = Array.copy work.Equations.Weights
        let mutable damping = 1e-2
        let mutable still = 0
        let mutable iterations = 0
        let mutable isOver = not (Double.IsFinite cost)
        let trace = Array.zeroCreate<float>(stop.Iterations + 1)
        trace[0] <- cost
        let hessian, gradient = Array.zeroCreate<float>(n * n), Array.zeroCreate<float> n
        let system, step = Array.zeroCreate<float>(m * m), Array.zeroCreate<float> m

        while not isOver && iterations < stop.Iterations && still < 2 do
            SiteShifts.fill problem.Unit problem.Cutoff problem.Rows types sites weights work.Kernel

            work.Equations.Project(
                work.Kernel.Columns,
                count,
                work.Kernel.Derivatives,
                n,
                problem.Rows.Rows,
                hessian,
                gradient
            )

            let struct (h, g) =
                if isFree then
                    struct (hessian, gradient)
                else
                    reduce orbits n hessian gradient

            let mutable trace0 = 0.0

            for i in 0 .. m - 1 do
                trace0 <- trace0 + h[m * i + i]

            let mutable isBetter = false

            while not isBetter && damping < 1e8 do
                Array.Copy(h, system, m * m)

                for i in 0 .. m - 1 do
                    let size = h[m * i + i] + 1e-9 * trace0 / float m + 1e-300
                    system[m * i + i] <- h[m * i + i] + damping * size
                    step[i] <- -g[i]

                if SmallSystems.decompose system m then
                    SmallSystems.forward system m (Span step)
                    SmallSystems.backward system m (Span step)
                    let mutable longest = 0.0

                    for i in 0 .. m - 1 do
                        longest <- max longest (abs step[i])

                    let factor = min 1.0 (0.5 * problem.Unit / longest)
                    let next = Array.init m (fun i -> x[i] + factor * step[i])
                    clip limits next
                    let places = orbits.Placed next
                    let trial = evaluate problem types places work

                    if trial < cost then
                        isBetter <- true
                        still <- if trial > cost * (1.0 - 1e-4) then still + 1 else 0
                        x <- next
                        sites <- places
                        cost <- trial
                        weights <- Array.copy work.Equations.Weights

                if not isBetter then
                    damping <- 5.0 * damping

            if isBetter then
                damping <- max (damping / 5.0) 1e-9
                iterations <- iterations + 1
                trace[iterations] <- cost

                isOver <-
                    cost < 1e-10 * problem.Rows.Squares
                    || iterations > 7
                       && cost > 100.0 * stop.Hopeless
                       && cost > 0.7 * trace[iterations - 3]
            else
                isOver <- true

        {
            Cost = cost
            Sites = sites
            Types = types.All
            Weights = weights
            Iterations = iterations
        }
