namespace AniSoap

open System
open System.Collections.Generic

/// What a format offers: its frames one after another, each read, looked through for species, or passed over. The
/// number of the frame is for errors. After an error, and after the end, nothing more may be asked for.
type internal IFrameReader =
    inherit IDisposable
    /// The next frame, or nothing at the end of the file.
    abstract Read: frame: int -> Result<Frame voption, AniSoapError>
    /// The next frame with all that the file says of it; slower than `Read`, which passes over the rest.
    abstract ReadSnapshot: frame: int -> Result<Snapshot voption, AniSoapError>
    /// Adds the species of the next frame to `found`; false at the end of the file.
    abstract ReadSpecies: frame: int * found: HashSet<int> -> Result<bool, AniSoapError>
    /// Passes over the next frame; false at the end of the file.
    abstract Skip: frame: int -> Result<bool, AniSoapError>
