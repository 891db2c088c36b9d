namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Where the sites of bodies stand in memory, eight side by side: x of all eight, then y, then z. Places without a site are far from everything.
[<Sealed>]
type internal SiteLayout(model: SiteModel) =
    let bodies, types, tables = Seq.toArray model.Bodies, model.Types, model.Tables

    let siteTypes =
        bodies
        |> Array.map (fun body -> [| for site in body.Sites -> types.IndexOf site.Type |])

    let positions = bodies |> Array.map (fun body -> [| for site in body.Sites -> site.Position |])

    let blocksOf (body: int) = (siteTypes[body].Length + SiteLayout.Lanes - 1) / SiteLayout.Lanes

    // Of every body, for every type of a site that meets it: its blocks' tables.
    let starts =
        Array.init bodies.Length blocksOf
        |> Array.scan (fun sum blocks -> sum + types.Length * blocks) 0

    let meetings = AlignedBuffer(SiteLayout.Width * starts[bodies.Length])

    let tableOf (first: int) (body: int) (site: int) =
        // Places without a site have any table.
        let second = siteTypes[body][min site (siteTypes[body].Length - 1)]
        tables[SiteModel.KindOf(first, second, types.Length)]

    do
        for body in 0 .. bodies.Length - 1 do
            for kind in 0 .. types.Length - 1 do
                for block in 0 .. blocksOf body - 1 do
                    let at = SiteLayout.Width * (starts[body] + kind * blocksOf body + block)

                    for lane in 0 .. SiteLayout.Lanes - 1 do
                        let table = tableOf kind body (SiteLayout.Lanes * block + lane)

                        let origin =
                            int64 (NativePtr.toNativeInt table.Buffer.Pointer)
                            - int64 SiteTable.PieceLength * table.First

                        meetings.Span[at + lane] <- BitConverter.Int64BitsToDouble origin
                        meetings.Span[at + SiteLayout.Lanes + lane] <- table.InnerSquare
                        meetings.Span[at + 2 * SiteLayout.Lanes + lane] <- table.OuterSquare

    /// Sites side by side.
    static member Lanes = 8

    /// Numbers of a block.
    static member Width = 24

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

    /// Their positions along the body's axes.
    member _.Positions(body: int) = positions[body]

    /// What a body's blocks are to sites of the first type, block after block, then to those of the second: of eight pairs of types the address where their tables would begin at
    /// the first number of all, the squares where they begin and where they end.
    member _.Meetings(body: int) : nativeptr<float> = NativePtr.add meetings.Pointer (SiteLayout.Width * starts[body])

    /// The table of a site's type and of a body's site.
    member _.Table(first: int, body: int, site: int) = tableOf first body site
