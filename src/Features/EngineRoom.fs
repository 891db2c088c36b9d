namespace AniSoap

open System

/// What an engine's calls are refused for, before anything is computed: memory of another size than the numbers.
module internal EngineRoom =
    /// The first of several things that are wrong.
    let also (next: Result<unit, AniSoapError>) (first: Result<unit, AniSoapError>) =
        match first with
        | Ok() -> next
        | Error _ -> first

    let length name (given: int) (rows: int) (size: int) : Result<unit, AniSoapError> =
        let expected = int64 rows * int64 size

        if int64 given = expected then
            Ok()
        else
            AniSoapError.invalid ("length of " + name) given (String.Concat(string expected, ", one for every number"))
            |> Error

    /// Memory that may be empty.
    let optional name given rows size = if given = 0 then Ok() else length name given rows size

    let gradient (frame: Frame) (room: GradientRoom) =
        let count = frame.Particles.Length

        optional "the derivatives by positions" room.Positions.Length count 3
        |> also (optional "the derivatives by orientations" room.Orientations.Length count 3)
        |> also (optional "the derivatives by semi-axes" room.SemiAxes.Length count 3)
        |> also (optional "the derivatives by strain" room.Strain.Length 1 9)
