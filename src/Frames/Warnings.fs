namespace AniSoap

/// Warnings on their way from readers and writers to whoever asked for them.
module internal Warnings =
    /// Stands in a reader's warning for the file and the frame that it is about: a reader does not know the number.
    [<Literal>]
    let Here = "in this frame"

    /// `warn` for a frame of a file, and only the first of warnings that differ but in numbers.
    let at (told: System.Collections.Generic.HashSet<string>) (place: unit -> string) (warn: string -> unit) =
        fun (message: string) ->
            if not (message.StartsWith(Here, System.StringComparison.Ordinal)) then
                warn message
            elif told.Add(String.filter (System.Char.IsDigit >> not) message) then
                warn (place () + message.Substring Here.Length)

    /// `warn` made to pass on each distinct message once.
    let once (warn: string -> unit) : string -> unit =
        let seen = System.Collections.Generic.HashSet<string>()

        fun message ->
            if seen.Add message then
                warn message
