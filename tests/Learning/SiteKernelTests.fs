/// Rows of pairs of bodies, and what they change by when sites move.
module AniSoap.Tests.Learning.SiteKernelTests

open System
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.SiteSupport

let private random seed count =
    let random = Random seed
    Array.init count (fun _ -> random.NextDouble() - 0.5)

/// A frame of many particles that repeats, with targets that mean nothing.
let private crowd =
    lazy
        (let frame = PairSupport.skew 5 6
         let numbers = Collections.Immutable.ImmutableArray.CreateRange(random 9 18)

         [|
             {
                 Frame = frame
                 Energy = Some 1.0
                 Forces = numbers
                 Torques = numbers
                 Virial = Collections.Immutable.ImmutableArray.Empty
             }
         |])

let private other = { rod with Species = 1; Types = [| 0; 0; 0; 1; 1 |] }

let private mixed =
    lazy (Array.concat [ dimers same hexagon hexagon 3 5; dimers same other hexagon 4 3; dimers same other other 5 2 ])

let private check name cutoff (problem: SiteRows) (types: SiteTypes) =
    let count = types.Kinds * SiteExponentials.count
    let weights, sites = random 11 count, random 12 (3 * types.Sites)
    let work = SiteKernelWork()

    let at (sites: float[]) =
        SiteColumns.fill 1.0 cutoff problem types sites work

        Array.init problem.Rows (fun row -> Seq.sum (Seq.init count (fun k -> weights[k] * work.Columns[k][row])))

    SiteColumns.fill 1.0 cutoff problem types sites work
    SiteShifts.fill 1.0 cutoff problem types sites weights work
    let found = Array.init (3 * types.Sites) (fun k -> Array.copy work.Derivatives[k])

    let scale =
        found
        |> Array.map (Array.truncate problem.Rows >> Array.map abs >> Array.max)
        |> Array.max

    for k in 0 .. 3 * types.Sites - 1 do
        let moved h = at (Array.mapi (fun i x -> if i = k then x + h else x) sites)
        let h = 1e-3
        let a, b, c, d = moved h, moved -h, moved (2.0 * h), moved (-2.0 * h)
        let e, f = moved (3.0 * h), moved (-3.0 * h)

        let expected =
            Array.init problem.Rows (fun i -> (45.0 * (a[i] - b[i]) - 9.0 * (c[i] - d[i]) + (e[i] - f[i])) / (60.0 * h))

        Close.within 1e-8 scale (Array.truncate problem.Rows found[k]) expected $"{name}: number {k} of the sites"

[<Tests>]
let tests =
    testList "sites: rows" [
        testCase "of dimers of one and of two species change with sites as differences say"
        <| fun () ->
            check "one" ValueNone (rows [| 0 |] mixed.Value[..4]) (SiteTypes [| [| 0; 0; 1 |] |])
            check "two" ValueNone (rows [| 0; 1 |] mixed.Value) (SiteTypes [| [| 0; 1 |]; [| 1; 1; 2 |] |])

        testCase "of a frame that repeats, with a cutoff, change with sites as differences say"
        <| fun () ->
            let types = SiteTypes [| [| 0; 0; 1 |] |]
            let species = crowd.Value[0].Frame.Particles[0].Species
            let problem = rows [| species |] crowd.Value
            // The cosine begins at nothing: no distance is where its curvature jumps but that of the end.
            check "a frame" (ValueSome { Radius = 14.0; SmoothingWidth = 14.0 }) problem types

        testCase "of a dimer are those of the same two particles in a wide cell"
        <| fun () ->
            let one = mixed.Value[0]

            let wide =
                Cell.create (Vector3.create 60.0 0.0 0.0) (Vector3.create 0.0 60.0 0.0) (Vector3.create 0.0 0.0 60.0) {
                    A = true
                    B = true
                    C = true
                }
                |> sure

            let types = SiteTypes [| [| 0; 1; 1 |] |]
            let sites = random 7 9

            let squares (problem: SiteRows) =
                let work = SiteKernelWork()
                SiteColumns.fill 1.0 ValueNone problem types sites work

                Array.init (types.Kinds * SiteExponentials.count) (fun k ->
                    Array.sumBy (fun x -> x * x) (Array.truncate problem.Rows work.Columns[k]))

            Close.toLargest
                1e-13
                (squares (rows [| 0 |] [| { one with Frame = Frame.create wide one.Frame.Particles } |]))
                (squares (rows [| 0 |] [| one |]))
                "sums of squares"

        testCase "move sites of an orbit together"
        <| fun () ->
            let turn = Quaternion.toMatrix (Quaternion.create (cos (Math.PI / 6.0)) 0.0 0.0 (sin (Math.PI / 6.0)))
            let orbits = SiteOrbits([| 0; 0; 1 |], [| Matrix3.identity; turn; Matrix3.identity |])
            let sites = Array.zeroCreate<float> 9
            orbits.Place([| 1.0; 0.0; 0.5; 0.0; 0.0; 2.0 |], sites)
            Close.within 1e-15 1.0 sites [| 1.0; 0.0; 0.5; 0.5; sqrt 0.75; 0.5; 0.0; 0.0; 2.0 |] "places"
    ]
