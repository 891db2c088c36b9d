namespace AniSoap

open System
open System.Collections.Generic
open System.Text
open System.Text.Json

/// Whether a property has a value for each frame or for each particle.
[<RequireQualifiedAccess>]
type internal ChemiscopeTarget =
    | Structure
    | Atom

module internal ChemiscopeTexts =
    /// A property has numbers or texts; this description tells truth values from numbers.
    let logical = "truth values: 1 is true, 0 is false"

    let quote (text: string) = "\"" + JsonEncodedText.Encode(text).ToString() + "\""

/// One property while its values come in: their JSON text, and how many there are. What a frame has not got, and what is
/// no number, is null.
[<Sealed>]
type internal ChemiscopeProperty(path: string, target: ChemiscopeTarget, isText: bool) =
    let values = new SpillingStream(path)

    member _.Target = target
    member _.IsText = isText
    member val Count = 0L with get, set
    /// Whether there is any value that is not null.
    member val HasValues = false with get, set
    /// JSON has no infinities.
    member val IsFinite = true with get, set
    member val IsLogical = true with get, set
    member _.Values = values

    member private property.Next() =
        if property.Count > 0L then
            values.Write ","B

        property.Count <- property.Count + 1L

    /// Fills up with nulls.
    member property.Pad(count: int64) =
        while property.Count < count do
            property.Next()
            values.Write "null"B

    member property.Add(value: float) =
        property.Next()
        property.IsLogical <- false

        if Double.IsFinite value then
            values.Real value
            property.HasValues <- true
        else
            values.Write "null"B

            if Double.IsInfinity value then
                property.IsFinite <- false

    member property.Add(value: int64) =
        property.Next()
        property.IsLogical <- false
        property.HasValues <- true
        values.Integer value

    member property.Add(value: bool) =
        property.Next()
        property.HasValues <- true
        values.Write(if value then "1"B else "0"B)

    member property.Add(text: string) =
        property.Next()
        property.IsLogical <- false
        property.HasValues <- true
        values.Write(Encoding.UTF8.GetBytes(ChemiscopeTexts.quote text))

    interface IDisposable with
        member _.Dispose() = (values :> IDisposable).Dispose()

/// The properties of a chemiscope file: numbers or texts of frames, or of particles; null where a frame has none.
[<Sealed>]
type internal ChemiscopeProperties(path: string, lost: string -> unit) =
    /// More components than this are no vector, and more entries no tensor.
    static let mostComponents = 16
    static let mostEntries = 100

    let all = Dictionary<string, ChemiscopeProperty>(StringComparer.Ordinal)
    let order = ResizeArray<struct (string * string)>()
    let mutable frames = 0L
    let mutable particles = 0L

    let soFar target =
        match target with
        | ChemiscopeTarget.Structure -> frames
        | ChemiscopeTarget.Atom -> particles

    /// The property of a name, filled up to here, if its values are of this kind; `whole` is what messages call it.
    let find (whole: string) (name: string) target isText =
        let name =
            match all.TryGetValue name with
            | true, known when known.Target <> target -> name + " (particle)"
            | _ -> name

        match all.TryGetValue name with
        | true, known when known.Target <> target || known.Count > soFar target ->
            lost ("the property " + whole + " of a frame that has two of this name")
            ValueNone
        | true, known when known.IsText <> isText ->
            lost (
                "the property "
                + whole
                + " of some frames: it is a text in some and a number in others"
            )

            ValueNone
        | true, known ->
            known.Pad(soFar target)
            ValueSome known
        | false, _ ->
            let property = new ChemiscopeProperty(path, target, isText)
            all[name] <- property
            order.Add(struct (whole, name))
            property.Pad(soFar target)
            ValueSome property

    let component' (name: string) i = name + "[" + string (i + 1) + "]"

    let rec entries value =
        match value with
        | InfoValue.Integers values -> values.Length
        | InfoValue.Reals values -> values.Length
        | InfoValue.Logicals values -> values.Length
        | InfoValue.Texts values -> values.Length
        | InfoValue.Rows rows -> rows |> Seq.sumBy entries
        | _ -> 1

    let most value =
        match value with
        | InfoValue.Rows _ -> mostEntries
        | _ -> mostComponents

    let ofStructure whole name isText add =
        match find whole name ChemiscopeTarget.Structure isText with
        | ValueSome(property: ChemiscopeProperty) -> add property
        | ValueNone -> ()

    let rec addEntries whole name value =
        let each make values =
            values
            |> Seq.iteri (fun i value -> addEntries whole (component' name i) (make value))

        match value with
        | InfoValue.Integer value -> ofStructure whole name false _.Add(value)
        | InfoValue.Real value -> ofStructure whole name false _.Add(value)
        | InfoValue.Logical value -> ofStructure whole name false _.Add(value)
        | InfoValue.Text text -> ofStructure whole name true _.Add(text)
        | InfoValue.Integers values -> each InfoValue.Integer values
        | InfoValue.Reals values -> each InfoValue.Real values
        | InfoValue.Logicals values -> each InfoValue.Logical values
        | InfoValue.Texts values -> each InfoValue.Text values
        | InfoValue.Rows rows -> each id rows

    let addInfo (name: string) value =
        if entries value > most value then
            lost (
                "the info "
                + name
                + ": a property has at most "
                + string (most value)
                + " components"
            )
        else
            addEntries name name value

    let addComponent (column: ParticleColumn) i rows =
        let isText = column.Values.IsTexts

        let name =
            if column.Width = 1 then
                column.Name
            else
                component' column.Name i

        match find column.Name name ChemiscopeTarget.Atom isText with
        | ValueNone -> ()
        | ValueSome property ->
            for row in 0 .. rows - 1 do
                let entry = row * column.Width + i

                match column.Values with
                | ColumnValues.Reals values -> property.Add values[entry]
                | ColumnValues.Integers values -> property.Add values[entry]
                | ColumnValues.Logicals values -> property.Add values[entry]
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

    let addInteger name (value: int64) = addEntries name name (InfoValue.Integer value)

    /// Adds what a frame and its particles have.
    member _.Add(snapshot: Snapshot) =
        let count = snapshot.Frame.Particles.Length
        addInteger "frame" frames
        addInteger "particles" (int64 count)
        snapshot.Step |> Option.iter (addInteger "step")

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

    /// The properties in the order in which they came; what is lost of them is told. A component without values stays
    /// where its quantity has some.
    member _.Complete = [
        let known =
            set [
                for struct (whole, name) in order do
                    if all[name].HasValues then
                        whole
            ]

        for struct (whole, name) in order do
            let property = all[name]
            property.Pad(soFar property.Target)

            if not (known.Contains whole) then
                lost ("the property " + whole + ": it has no finite number")
            else
                if not property.IsFinite then
                    lost (
                        "the infinite numbers of the property "
                        + whole
                        + ": JSON has none; they become null"
                    )

                name, property
    ]

    interface IDisposable with
        member _.Dispose() =
            for property in all.Values do
                (property :> IDisposable).Dispose()
