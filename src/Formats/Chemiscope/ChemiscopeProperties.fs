namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Text
open System.Text.Json
open AniSoap

/// Whether a property has a value for each frame or for each particle.
[<RequireQualifiedAccess>]
type internal ChemiscopeTarget =
    | Structure
    | Atom

/// One property while its values come in: their JSON text, and how many there are.
[<Sealed>]
type internal ChemiscopeProperty(path: string, target: ChemiscopeTarget, isText: bool) =
    let values = new SpillingStream(path)

    member _.Target = target
    member _.IsText = isText
    member val Count = 0L with get, set
    /// JSON has no infinities.
    member val IsFinite = true with get, set
    member _.Values = values

    member private property.Next() =
        if property.Count > 0L then
            values.Write ","B

        property.Count <- property.Count + 1L

    member property.Add(value: float) =
        property.Next()

        if Double.IsFinite value then
            values.Real value
        else
            property.IsFinite <- false

    member property.Add(value: int64) =
        property.Next()
        values.Integer value

    member property.Add(text: string) =
        property.Next()
        values.Write(Encoding.UTF8.GetBytes("\"" + JsonEncodedText.Encode(text).ToString() + "\""))

    interface IDisposable with
        member _.Dispose() = (values :> IDisposable).Dispose()

/// The properties of a chemiscope file: numbers or texts that every frame, or every particle, has.
[<Sealed>]
type internal ChemiscopeProperties(path: string, lost: string -> unit) =
    /// More components than this are no vector or tensor.
    static let mostComponents = 16

    let all = Dictionary<string, ChemiscopeProperty>(StringComparer.Ordinal)
    let order = ResizeArray<string>()
    let mutable frames = 0L
    let mutable particles = 0L

    let soFar target =
        match target with
        | ChemiscopeTarget.Structure -> frames
        | ChemiscopeTarget.Atom -> particles

    /// The property of a name, if its values are complete up to here and of this kind.
    let find (name: string) target isText =
        let name =
            match all.TryGetValue name with
            | true, known when known.Target <> target -> name + " (particle)"
            | _ -> name

        match all.TryGetValue name with
        | true, known when known.Target = target && known.IsText = isText && known.Count = soFar target ->
            ValueSome known
        | true, _ -> ValueNone
        | false, _ when soFar target = 0L ->
            let property = new ChemiscopeProperty(path, target, isText)
            all[name] <- property
            order.Add name
            ValueSome property
        | false, _ ->
            lost ("the property " + name + ": it is not in every frame")
            ValueNone

    let component' (name: string) width i =
        if width = 1 then
            name
        else
            name + "[" + string (i + 1) + "]"

    let addReal name target (value: float) =
        match find name target false with
        | ValueSome property -> property.Add value
        | ValueNone -> ()

    let addInteger name target (value: int64) =
        match find name target false with
        | ValueSome property -> property.Add value
        | ValueNone -> ()

    let addText name (value: string) =
        match find name ChemiscopeTarget.Structure true with
        | ValueSome property -> property.Add value
        | ValueNone -> ()

    let number (flag: bool) = if flag then 1L else 0L

    let addInfo (name: string) value =
        let structure = ChemiscopeTarget.Structure

        match value with
        | Integer value -> addInteger name structure value
        | Real value -> addReal name structure value
        | Logical value -> addInteger name structure (number value)
        | Text text -> addText name text
        | Integers values when values.Length <= mostComponents ->
            values
            |> Seq.iteri (fun i value -> addInteger (component' name values.Length i) structure value)
        | Reals values when values.Length <= mostComponents ->
            values
            |> Seq.iteri (fun i value -> addReal (component' name values.Length i) structure value)
        | Logicals values when values.Length <= mostComponents ->
            values
            |> Seq.iteri (fun i value -> addInteger (component' name values.Length i) structure (number value))
        | _ -> lost ("the info " + name + ": a property is a number or a text")

    let addComponent (column: ParticleColumn) i rows =
        let isText = column.Values.IsTexts

        match find (component' column.Name column.Width i) ChemiscopeTarget.Atom isText with
        | ValueNone -> ()
        | ValueSome property ->
            for row in 0 .. rows - 1 do
                let entry = row * column.Width + i

                match column.Values with
                | ColumnValues.Reals values -> property.Add values[entry]
                | ColumnValues.Integers values -> property.Add values[entry]
                | ColumnValues.Logicals values -> property.Add(number values[entry])
                | ColumnValues.Texts values -> property.Add values[entry]

    let addColumn (column: ParticleColumn) rows =
        if column.Width > mostComponents then
            lost (
                "the column "
                + column.Name
                + ": a property has at most "
                + string mostComponents
                + " components"
            )
        else
            for i in 0 .. column.Width - 1 do
                addComponent column i rows

    /// Adds what a frame and its particles have.
    member _.Add(snapshot: Snapshot) =
        let count = snapshot.Frame.Particles.Length
        addInteger "frame" ChemiscopeTarget.Structure frames
        addInteger "particles" ChemiscopeTarget.Structure (int64 count)
        snapshot.Step |> Option.iter (addInteger "step" ChemiscopeTarget.Structure)

        for name, value in snapshot.Info do
            if name <> Quantities.Origin then
                addInfo name value
            elif Quantities.tryOrigin snapshot <> Some Vector3.zero then
                lost "where the cell starts: chemiscope draws it from zero"

        if count > 0 then
            for column in snapshot.Columns do
                addColumn column count

        frames <- frames + 1L
        particles <- particles + int64 count

    member _.Frames = frames
    member _.Particles = particles

    /// The complete properties in the order in which they came; the others are told.
    member _.Complete = [
        for name in order do
            let property = all[name]

            if property.Count <> soFar property.Target then
                lost ("the property " + name + ": it is not in every frame")
            elif not property.IsFinite then
                lost (
                    "the property "
                    + name
                    + ": JSON has no infinite numbers and none that are no numbers"
                )
            else
                name, property
    ]

    interface IDisposable with
        member _.Dispose() =
            for property in all.Values do
                (property :> IDisposable).Dispose()
