namespace AniSoap

open System.Collections.Immutable
open System.IO
open System.Text
open System.Text.Json

/// The reference molecules as hidden sites are given to training.
module internal ReferenceSites =
    /// For each species positions in the body's frame, with elements and masses.
    let json (kinds: ImmutableArray<BodyKind>) : string =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory, JsonWriterOptions(Indented = true))
         writer.WriteStartObject()
         writer.WriteStartObject "sites"

         for kind in kinds |> Seq.distinctBy _.Species do
             writer.WriteStartArray(string kind.Species)

             for i in 0 .. kind.Atoms.Length - 1 do
                 let p = kind.Reference[i]
                 writer.WriteStartObject()
                 writer.WriteStartArray "position"
                 writer.WriteNumberValue p.X
                 writer.WriteNumberValue p.Y
                 writer.WriteNumberValue p.Z
                 writer.WriteEndArray()

                 let element = kind.Atoms[i].Element
                 writer.WriteString("type", element |> Option.map _.Symbol |> Option.defaultValue kind.Atoms[i].Label)
                 writer.WriteNumber("mass", kind.Atoms[i].Mass)
                 writer.WriteEndObject()

             writer.WriteEndArray()

         writer.WriteEndObject()
         writer.WriteStartObject "names"

         for kind in kinds |> Seq.distinctBy _.Species do
             writer.WriteString(string kind.Species, kind.Name)

         writer.WriteEndObject()
         writer.WriteEndObject())

        Encoding.UTF8.GetString(memory.ToArray()) + "\n"
