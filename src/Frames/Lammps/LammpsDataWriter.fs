namespace AniSoap

open System
open System.IO

/// Writes one frame as a LAMMPS data file for `atom_style ellipsoid`.
[<Sealed>]
type internal LammpsDataWriter(lost: string -> unit, stream: Stream) =
    let output = TextOutput stream
    let mutable isWritten = false

    /// Quantities that have a place in the file.
    static let held = [
        Quantities.Ids
        Quantities.Masses
        Quantities.Images
        Quantities.Velocities
        Quantities.AngularMomenta
        Quantities.EllipsoidFlags
    ]

    let line (text: string) =
        output.Text text
        output.Byte '\n'B

    let field (value: float) = output.Field value

    let vector (v: Vector3) =
        field v.X
        field v.Y
        field v.Z

    let title (snapshot: Snapshot) =
        let step =
            match snapshot.Step with
            | Some step -> ", timestep = " + string step
            | None -> ""

        let units =
            match Snapshot.tryInfo Quantities.Units snapshot with
            | Some(InfoValue.Text units) when not (units.Contains '\n' || units.Contains ' ') -> ", units = " + units
            | _ -> ""

        "LAMMPS data file" + step + units

    let tellLost (frame: LammpsFrame) =
        let isLostInfo key = not (List.contains key [ Quantities.Units; Quantities.Origin; LammpsBox.BoundaryName ])
        let isLostColumn name = not (List.contains (Quantities.canonical name) held)

        LammpsFrame.tellLost
            lost
            "a data file of ellipsoids"
            (frame.Columns |> List.map _.Name |> List.filter isLostColumn)
            (frame.Snapshot.Info |> List.map fst |> List.filter isLostInfo)

        let p = frame.Box.Periodicity

        if not (p.A && p.B && p.C) then
            let words = frame.Box.Boundary |> List.map (fun word -> if word = "pp" then "p" else "f")

            lost (
                "not written: along which axes the cell repeats; the input script must say it: boundary "
                + (String.concat " " words)
            )

    let writeHeader (frame: LammpsFrame) ellipsoids =
        line (title frame.Snapshot)
        line ""
        output.Integer(int64 frame.Particles.Length)
        line " atoms"
        output.Integer(int64 frame.TypeCount)
        line " atom types"

        if ellipsoids > 0 then
            output.Integer(int64 ellipsoids)
            line " ellipsoids"

        line ""
        let m = frame.Box.Vectors
        let o = frame.Box.Origin

        for low, length, name in [ o.X, m.Row1.X, "x"; o.Y, m.Row2.Y, "y"; o.Z, m.Row3.Z, "z" ] do
            output.Number low
            field (low + length)
            line (" " + name + "lo " + name + "hi")

        if m.Row2.X <> 0.0 || m.Row3.X <> 0.0 || m.Row3.Y <> 0.0 then
            output.Number m.Row2.X
            field m.Row3.X
            field m.Row3.Y
            line " xy xz yz"

    let writeLabels (frame: LammpsFrame) =
        if not frame.Labels.IsEmpty then
            line ""
            line "Atom Type Labels"
            line ""

            for number in 1 .. frame.TypeCount do
                output.Integer(int64 number)
                output.Byte ' 'B

                line (
                    frame.Labels
                    |> Map.tryFind number
                    |> Option.defaultValue ("type" + string number)
                )

    /// What LAMMPS multiplies with the volume to get the mass; of a point, which has no volume, the mass itself.
    let density (masses: Collections.Immutable.ImmutableArray<float> option) isPoint row (a: Vector3) =
        let mass =
            match masses with
            | Some all -> all[row]
            | None -> 1.0

        if isPoint then
            mass
        else
            mass / (Math.PI / 6.0 * (2.0 * a.X) * (2.0 * a.Y) * (2.0 * a.Z))

    let writeAtoms (frame: LammpsFrame) (ids: LammpsIds) isPoint =
        let masses = Quantities.tryReals Quantities.Masses 1 frame.Snapshot

        if masses.IsNone then
            lost "the input has no masses: every particle is given the mass 1"

        let images =
            frame.Columns
            |> List.tryPick (fun column ->
                match column.Values with
                | ColumnValues.Integers all when
                    column.Width = 3 && Quantities.canonical column.Name = Quantities.Images
                    ->
                    Some all
                | _ -> None)

        line ""
        line "Atoms # ellipsoid"
        line ""

        for row in 0 .. frame.Particles.Length - 1 do
            let p = frame.Particles[row]
            output.Integer ids[row]
            output.Field(int64 frame.Types[row])
            let isPoint = isPoint row
            output.Text(if isPoint then " 0" else " 1")
            field (density masses isPoint row p.SemiAxes)
            vector p.Position

            match images with
            | Some all ->
                for i in 3 * row .. 3 * row + 2 do
                    output.Field all[i]
            | None -> ()

            output.Byte '\n'B

    let reals quantity (frame: LammpsFrame) =
        frame.Columns
        |> List.tryPick (fun column ->
            match column.Values with
            | ColumnValues.Reals all when column.Width = 3 && Quantities.canonical column.Name = quantity -> Some all
            | _ -> None)

    let writeVelocities (frame: LammpsFrame) (ids: LammpsIds) =
        match reals Quantities.Velocities frame, reals Quantities.AngularMomenta frame with
        | None, None -> ()
        | velocities, momenta ->
            let entry (all: Collections.Immutable.ImmutableArray<float> option) i =
                match all with
                | Some all -> all[i]
                | None -> 0.0

            line ""
            line "Velocities"
            line ""

            for row in 0 .. frame.Particles.Length - 1 do
                output.Integer ids[row]

                for all in [ velocities; momenta ] do
                    for i in 3 * row .. 3 * row + 2 do
                        field (entry all i)

                output.Byte '\n'B

    let writeEllipsoids (frame: LammpsFrame) (ids: LammpsIds) rows =
        line ""
        line "Ellipsoids"
        line ""

        for row: int in rows do
            let p = frame.Particles[row]
            let q = p.Orientation
            output.Integer ids[row]
            vector (2.0 * p.SemiAxes)
            field q.W
            field q.X
            field q.Y
            field q.Z
            output.Byte '\n'B

    let write (frame: LammpsFrame) =
        tellLost frame
        let ids = LammpsIds.ofSnapshot lost frame.Snapshot
        let isPoint = LammpsPoints.ofSnapshot frame.Snapshot
        let ellipsoids = [| 0 .. frame.Particles.Length - 1 |] |> Array.filter (isPoint >> not)
        writeHeader frame ellipsoids.Length
        writeLabels frame
        writeAtoms frame ids isPoint
        writeVelocities frame ids

        if ellipsoids.Length > 0 then
            writeEllipsoids frame ids ellipsoids

    interface IFrameWriter with
        member _.Write snapshot =
            if isWritten then
                Error(
                    AniSoapError.invalid
                        "frames"
                        "more than one"
                        "one frame in a LAMMPS data file; choose it (--frames 0)"
                )
            else
                isWritten <- true
                LammpsFrame.ofSnapshot lost snapshot |> Result.map write

        member _.Finish() =
            output.Flush()
            Ok()

    interface IDisposable with
        member _.Dispose() = ()
