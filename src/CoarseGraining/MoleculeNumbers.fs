namespace AniSoap

open System
open System.Collections.Immutable

/// The numbers of molecules that a column has: whole ones, however they are written.
module internal MoleculeNumbers =
    /// Whole numbers beyond it are not told apart by doubles.
    [<Literal>]
    let private Largest = 9007199254740992.0

    let private isWhole (value: float) = Math.Floor value = value && abs value <= Largest

    /// The numbers of a column; refuses those that are not whole, and texts.
    let ofColumn (column: ParticleColumn) : Result<ImmutableArray<int64>, AniSoapError> =
        let refuse (value: obj) accepted =
            Error(AniSoapError.invalid ("column of molecules " + column.Name) value accepted)

        match column.Values with
        | _ when column.Width <> 1 -> refuse ("of width " + string column.Width) "one whole number an atom"
        | ColumnValues.Integers all -> Ok all
        | ColumnValues.Reals all ->
            match all |> Seq.tryFind (isWhole >> not) with
            | Some other -> refuse other "whole numbers"
            | None -> Ok(ImmutableArray.CreateRange(all, int64))
        | ColumnValues.Logicals _
        | ColumnValues.Texts _ -> refuse "of no numbers" "whole numbers"

    /// The numbers of a frame's molecules, if it has a column of such.
    let tryOf (snapshot: Snapshot) : ImmutableArray<int64> option =
        Quantities.tryFind Quantities.Molecules snapshot
        |> Option.bind (fun column ->
            match ofColumn column with
            | Ok numbers -> Some numbers
            | Error _ -> None)
