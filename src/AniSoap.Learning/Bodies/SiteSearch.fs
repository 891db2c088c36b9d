namespace AniSoap.Learning

open System
open System.Collections.Concurrent
open System.Collections.Generic
open AniSoap

/// A number of sites and of types that was tried.
type SiteTrial = {
    /// The species of the body.
    Species: int
    /// Sites of the body.
    Sites: int
    /// Types of its sites.
    Types: int
    /// What is left of the training targets, relative to their size, weighted as in the fit.
    Training: float
    /// The same of the held-out fifth.
    Validation: float
    /// Starts whose cost was within a hundredth of the best.
    Successes: int
    /// Starts.
    Starts: int
}

/// Random places that searches start from.
module internal SiteStarts =
    /// A point uniform in the ellipsoid, three numbers: three of five of a point on the sphere in five dimensions.
    let point (semiAxes: Vector3) (numbers: NormalNumbers) =
        let five = Array.init 5 (fun _ -> numbers.Next())
        let norm = sqrt (Array.sumBy (fun x -> x * x) five)
        [| semiAxes.X * five[0] / norm; semiAxes.Y * five[1] / norm; semiAxes.Z * five[2] / norm |]

    /// How far so many generators may be from the middle, three numbers each: so many semi-axes.
    let limits (factor: float) (semiAxes: Vector3) count =
        Array.replicate count [| factor * semiAxes.X; factor * semiAxes.Y; factor * semiAxes.Z |]
        |> Array.concat

    /// The random numbers of one start of so many generators of so many types.
    let numbers seed species n types start =
        NormalNumbers(((seed * 31 + n) * 31 + types) * 1009 + start * 7919 + species)

/// The search for one body: solutions by number of sites and of types, each from fresh starts in the ellipsoid, from one site more than the best with one less, from
/// one less than the best with one more, and with two types by the types of single sites turned over.
[<Sealed>]
type internal SiteSearch
    (train: SiteProblem, valid: SiteProblem, species: int, semiAxes: Vector3, turns: Matrix3[], seed: int, threads: int)
    =
    // What is searched are generators: every turn of one is a site, of its type.
    let order = turns.Length
    let works = ConcurrentBag<SiteFitWork>()
    let found = Dictionary<struct (int * int), SiteSolution list>()
    let table = SortedDictionary<struct (int * int), SiteTrial>()
    let mutable runs = 0

    let withWork (f: SiteFitWork -> 'a) : 'a =
        let work =
            match works.TryTake() with
            | true, known -> known
            | _ -> SiteFitWork()

        let result = f work
        works.Add work
        result

    let relative (s: SiteSolution) = sqrt (s.Cost / train.Rows.Squares)
    let validation (s: SiteSolution) = withWork (SiteFit.error valid s)

    let point = SiteStarts.point semiAxes
    let numbersOf = SiteStarts.numbers seed species

    /// Sites sorted by type.
    let sorted (sites: float[]) (types: int[]) =
        let order = Array.init types.Length id |> Array.sortBy (fun i -> struct (types[i], i))
        Array.collect (fun i -> sites[3 * i .. 3 * i + 2]) order, Array.map (fun i -> types[i]) order

    let limitsOf = SiteStarts.limits SiteSearch.Box semiAxes

    /// Fits from starts, several at a time; each hopeless one is told by the best before all of them, whatever the threads.
    let fits (hopeless: float) (starts: (float[] * int[])[]) : SiteSolution list =
        runs <- runs + starts.Length

        starts
        |> Products.map threads (fun start ->
            let sites, types = start ||> sorted

            withWork (
                SiteFit.run
                    train
                    (SiteTypes [| types |> Array.collect (Array.create order) |])
                    (SiteOrbits.Repeated [| struct (types.Length, turns) |])
                    (limitsOf types.Length)
                    { Iterations = 40; Hopeless = hopeless }
                    sites
            ))
        |> List.ofArray

    let places (s: SiteSolution) =
        if order = 1 then
            s.Sites
        else
            Array.init (s.Sites.Length / order) (fun k -> s.Sites[3 * order * (k / 3) + k % 3])

    let typesOf (s: SiteSolution) = Array.init (s.Types[0].Length / order) (fun k -> s.Types[0][order * k])

    let without (s: SiteSolution) kinds : (float[] * int[])[] =
        let types, places = typesOf s, places s

        [|
            for k in 0 .. types.Length - 1 do
                let rest = Array.removeAt k types

                if (Array.distinct rest).Length = kinds then
                    (Array.removeManyAt (3 * k) 3 places, rest)
        |]

    let keep n kinds (solutions: SiteSolution list) =
        let sorted = solutions |> List.sortBy _.Cost
        let best = sorted.Head

        let second = sorted |> List.tryFind (fun s -> s.Cost > 1.01 * best.Cost) |> Option.toList

        found[struct (n, kinds)] <- best :: second

        table[struct (kinds, n)] <- {
            Species = species
            Sites = order * n
            Types = kinds
            Training = relative best
            Validation = validation best
            Successes = sorted |> List.filter (fun s -> s.Cost < 1.01 * best.Cost) |> List.length
            Starts = sorted.Length
        }

    let known n kinds =
        match found.TryGetValue(struct (n, kinds)) with
        | true, solutions -> solutions
        | _ -> []

    let level n kinds =
        let grown = [|
            for s in known (n - 1) kinds |> List.truncate 2 do
                for kind in 0 .. kinds - 1 do
                    for start in 0..3 do
                        let numbers = numbersOf n kinds (100 + 10 * kind + start)
                        (Array.append (places s) (point numbers), Array.append (typesOf s) [| kind |])
        |]

        let fresh = [|
            for start in 0..3 do
                let numbers = numbersOf n kinds start
                (Array.collect (fun _ -> point numbers) [| 1..n |], Array.init n (fun k -> k % kinds))
        |]

        let marked = [|
            if kinds = 2 then
                for s in known n 1 |> List.truncate 1 do
                    for k in 0 .. n - 1 do
                        (places s, Array.init n (fun i -> if i = k then 1 else 0))
        |]

        let mutable solutions = fits infinity (Array.concat [ grown; fresh; marked ])

        if kinds = 2 then
            let mutable rounds = 3

            while rounds > 0 do
                let best = solutions |> List.minBy _.Cost

                let flips = [|
                    for k in 0 .. n - 1 do
                        let types = Array.mapi (fun i t -> if i = k then 1 - t else t) (typesOf best)

                        if (Array.distinct types).Length = 2 then
                            (places best, types)
                |]

                solutions <- solutions @ fits best.Cost flips

                rounds <-
                    if (solutions |> List.minBy _.Cost).Cost > 0.9 * best.Cost then
                        0
                    else
                        rounds - 1

        keep n kinds solutions

    let trial n kinds = table[struct (kinds, n)]

    /// Up from few sites to many with so many types; until it is solved or nothing comes of more, where the number is searched too.
    let climb (isFree: bool) (numbers: int list) kinds =
        let mutable errors: float list = []
        let mutable isOver = false

        for n in numbers |> List.filter (fun n -> n >= kinds) do
            if not isOver then
                level n kinds
                let error = (trial n kinds).Validation

                if
                    not errors.IsEmpty
                    && min errors.Head error > SiteSearch.Solved
                    && not (known (n - 1) kinds).IsEmpty
                then
                    let before = known (n - 1) kinds
                    let pruned = fits before.Head.Cost (without (known n kinds).Head kinds)
                    keep (n - 1) kinds (before @ pruned)
                    errors <- (trial (n - 1) kinds).Validation :: errors.Tail

                errors <- error :: errors
                let inOrder = errors |> List.rev |> Array.ofList
                let least = Array.min inOrder
                let at = Array.IndexOf(inOrder, least)
                let more = inOrder.Length - 1 - at
                // Solved, or a cliff and nothing better after it.
                isOver <-
                    isFree
                    && (more > 0 && least < SiteSearch.Solved
                        || more >= 2 && at > 0 && inOrder[at] < inOrder[at - 1] / 3.0)

    /// Below this a body is solved: more types are not tried.
    static member Solved = 0.02

    /// Sites stay within so many semi-axes, by each axis.
    static member Box = 1.1

    member _.Runs = runs
    member _.Table = table.Values |> Seq.toList

    /// The best solutions of every number of sites and of types that was tried.
    member _.Solutions = [
        for trial in table.Values do
            yield! found[struct (trial.Sites / order, trial.Types)]
    ]

    /// The body, with no more sites and types than it takes; or with just so many sites. Numbers are those of generators.
    member _.Run(most: int, wanted: int option, mostTypes: int) : SiteSolution =
        let numbers =
            match wanted with
            | Some n -> [ 1..n ]
            | None -> [ 1..most ]

        let mutable kinds = 1
        let mutable isOver = false

        while not isOver && kinds <= mostTypes do
            climb wanted.IsNone numbers kinds
            isOver <- table.Values |> Seq.exists (fun t -> t.Validation < SiteSearch.Solved)
            kinds <- kinds + 1

        let candidates =
            table.Values
            |> Seq.filter (fun t -> wanted.IsNone || wanted = Some(t.Sites / order))
            |> Seq.toList

        let top = candidates |> List.minBy _.Validation

        /// Neither training nor validation worse.
        let isLevel training validation =
            training <= max (1.1 * top.Training) (top.Training + 5e-4)
            && validation <= max (1.1 * top.Validation) (top.Validation + 5e-4)

        let chosen =
            candidates
            |> List.filter (fun t -> isLevel t.Training t.Validation)
            |> List.minBy (fun t -> struct (t.Types, t.Sites))

        let rec simplify (s: SiteSolution) =
            let n = (typesOf s).Length
            let kinds = 1 + Array.max s.Types[0]

            let starts = [|
                if kinds > 1 then
                    (places s, Array.zeroCreate<int> n)

                if n > 1 && wanted.IsNone then
                    for one in without s kinds do
                        one
            |]

            let lesser =
                fits infinity starts
                |> List.filter (fun v -> isLevel (relative v) (validation v))

            if lesser.IsEmpty then
                s
            else
                lesser
                |> List.minBy (fun v -> struct (Array.max v.Types[0], v.Types[0].Length, v.Cost))
                |> simplify

        simplify (known (chosen.Sites / order) chosen.Types).Head
