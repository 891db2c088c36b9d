namespace AniSoap

open System.Collections.Immutable
open System.Runtime.InteropServices
open System.Text

/// The atoms of bodies as words, by the number of the body: `0-11`, `3,5,7-9`. Most bodies have the same atoms in every frame,
/// in one array, and then their word is that of the frame before. Threads may ask for different bodies at once.
[<Sealed>]
type internal MemberTexts() =
    let mutable atoms: int[][] = [||]
    let mutable words: string[] = [||]

    let word (text: StringBuilder) (atoms: int[]) =
        text.Clear() |> ignore
        let mutable at = 0

        while at < atoms.Length do
            let mutable last = at

            while last + 1 < atoms.Length && atoms[last + 1] = atoms[last] + 1 do
                last <- last + 1

            if at > 0 then
                text.Append ',' |> ignore

            text.Append atoms[at] |> ignore

            if last > at then
                text.Append('-').Append(atoms[last]) |> ignore

            at <- last + 1

        text.ToString()

    /// Makes room for the words of so many bodies; before threads ask for them.
    member _.Hold count =
        if words.Length < count then
            System.Array.Resize(&atoms, count)
            System.Array.Resize(&words, count)

    /// The word of body i; `text` is room to work in.
    member _.Of(text: StringBuilder, i: int, members: ImmutableArray<int>) : string =
        let members = ImmutableCollectionsMarshal.AsArray members |> nonNull

        if not (obj.ReferenceEquals(atoms[i], members)) then
            atoms[i] <- members
            words[i] <- word text members

        words[i]
