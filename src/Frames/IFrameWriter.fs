namespace AniSoap

open System

/// What a format that is written offers. It is made with the stream that it writes to, which stays open, and with a
/// function `lost` that is told, in sentences that a person reads ("not written: …"), what the format cannot hold of a
/// snapshot. Failures of
/// the file system are thrown: whoever owns the stream makes errors of them.
type internal IFrameWriter =
    inherit IDisposable
    /// Writes the next frame. An error is about what cannot be written as it is.
    abstract Write: snapshot: Snapshot -> Result<unit, AniSoapError>
    /// Writes what follows the last frame.
    abstract Finish: unit -> Result<unit, AniSoapError>
