namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Where the sites of bodies stand in memory, eight side by side: x of all eight, then y, then z. Places without a site are far from everything.
[<Sealed>]
type internal SiteLayout(model: SiteModel) =
    let bodies, types, tables = Seq.toArray model.Bodies, model.Types, model.Tables

    let siteTypes =
        bodies
        |> Array.map (fun body -> [| for site in body.Sites -> types.IndexOf site.Type |])

    let blocksOf (body: int) = (siteTypes[body].Length + SiteLayout.Lanes - 1) / SiteLayout.Lanes

    // Of every body, for every type of a site that meets it: its blocks' tables.
    let starts =
        Array.init bodies.Length blocksOf
        |> Array.scan (fun sum blocks -> sum + types.Length * blocks) 0

    // Of every block of every body: x, y, z along the body's axes, and 0, or far where there is no site.
    let places =
        Array.init bodies.Length blocksOf
        |> Array.scan (fun sum blocks -> sum + SiteLayout.Frame * blocks) 0

    let frames = AlignedBuffer places[bodies.Length]

    let meetings = AlignedBuffer(SiteLayout.Width * starts[bodies.Length])

    let tableOf (first: int) (body: int) (site: int) =
        // Places without a site have any table.
        let second = siteTypes[body][min site (siteTypes[body].Length - 1)]
        tables[SiteModel.KindOf(first, second, types.Length)]

    do
        for body in 0 .. bodies.Length - 1 do
            for lane in 0 .. SiteLayout.Lanes * blocksOf body - 1 do
                let at =
                    places[body]
                    + SiteLayout.Frame * (lane / SiteLayout.Lanes)
                    + lane % SiteLayout.Lanes

                let isSite = lane < siteTypes[body].Length

                let place =
                    if isSite then
                        bodies[body].Sites[lane].Position
                    else
                        Vector3.zero

                frames.Span[at] <- place.X
                frames.Span[at + SiteLayout.Lanes] <- place.Y
                frames.Span[at + 2 * SiteLayout.Lanes] <- place.Z
                frames.Span[at + 3 * SiteLayout.Lanes] <- if isSite then 0.0 else SiteLayout.Nowhere

            for kind in 0 .. types.Length - 1 do
                for block in 0 .. blocksOf body - 1 do
                    let at = SiteLayout.Width * (starts[body] + kind * blocksOf body + block)

                    for lane in 0 .. SiteLayout.Lanes - 1 do
                        let table = tableOf kind body (SiteLayout.Lanes * block + lane)

                        meetings.Span[at + lane] <- BitConverter.Int64BitsToDouble(SiteLayout.OriginOf table)
                        meetings.Span[at + SiteLayout.Lanes + lane] <- table.InnerSquare
                        meetings.Span[at + 2 * SiteLayout.Lanes + lane] <- table.OuterSquare

    /// Sites side by side.
    static member Lanes = 8

    /// Numbers of a block.
    static member Width = 24

    /// Numbers of a block along the body's axes.
    static member private Frame = 32

    /// x, y and z of places without a site: its square is a number still.
    static member Nowhere = 1e150

    /// Where a site has its x among its body's numbers; y and z are eight and sixteen further.
    static member Place(site: int) = SiteLayout.Width * (site / SiteLayout.Lanes) + site % SiteLayout.Lanes

    /// Blocks of a body.
    member _.Blocks(body: int) = blocksOf body

    /// Numbers of a body.
    member _.Length(body: int) = SiteLayout.Width * blocksOf body

    /// The types of a body's sites.
    member _.Types(body: int) = siteTypes[body]

    /// What a body's blocks are to sites of the first type, block after block, then to those of the second: of eight pairs of types the address where their tables would begin at
    /// the first number of all, the squares where they begin and where they end.
    member _.Meetings(body: int) : nativeptr<float> = NativePtr.add meetings.Pointer (SiteLayout.Width * starts[body])

    /// Pairs of sites, places without one among them, that a body has with another at most.
    member _.MostPairs(body: int) =
        let mutable most = 0

        for other in 0 .. bodies.Length - 1 do
            most <- max most (SiteLayout.Lanes * blocksOf other)

        most * siteTypes[body].Length

    /// Whether all sites are of one type, and so of one table.
    member _.IsSingle = tables.Length = 1

    /// Numbers of a pair of sites that is within reach of the first table, and acts as little as any.
    member _.Harmless: struct (float * float * float) =
        struct (NativePtr.get meetings.Pointer 0, NativePtr.get meetings.Pointer SiteLayout.Lanes, tables[0].OuterSquare)

    /// The table whose pieces would begin there.
    member _.TableOf(origin: float) : SiteTable =
        tables
        |> Array.find (fun table -> BitConverter.DoubleToInt64Bits origin = SiteLayout.OriginOf table)

    /// Where the first number's piece of a table would be.
    static member private OriginOf(table: SiteTable) =
        int64 (NativePtr.toNativeInt table.Buffer.Pointer)
        - int64 SiteTable.PieceLength * table.First

    /// Turns a body's sites into the lab: x, y and z of each of its blocks.
    member _.Turn(body: int, r: Matrix3, target: nativeptr<float>) =
        let still = NativePtr.add frames.Pointer (places[body])
        let inline all (x: float) : Vector512<float> = Vector512.Create(x: float)
        let inline load (from: nativeptr<float>) at : Vector512<float> = Vector512.Load(NativePtr.add from at)

        for block in 0 .. blocksOf body - 1 do
            let from = NativePtr.add still (SiteLayout.Frame * block)
            let x, y, z, far = load from 0, load from 8, load from 16, load from 24
            let into = NativePtr.add target (SiteLayout.Width * block)

            let inline turned (row: Vector3) =
                Vector512.MultiplyAddEstimate(
                    all row.X,
                    x,
                    Vector512.MultiplyAddEstimate(all row.Y, y, Vector512.MultiplyAddEstimate(all row.Z, z, far))
                )

            Vector512.Store(turned r.Row1, into)
            Vector512.Store(turned r.Row2, NativePtr.add into 8)
            Vector512.Store(turned r.Row3, NativePtr.add into 16)
