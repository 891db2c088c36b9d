namespace AniSoap

open System.Text
open AniSoap.Formats

/// Hyperparameters: their defaults, the limits of what is accurate, and their files.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Hypers =
    /// The largest max_angular whose coefficients are right to 1e-10 of their norm in double precision, for any ellipsoid.
    [<Literal>]
    let LargestMaxAngular = HyperRules.LargestMaxAngular

    /// The largest l + 2n of the same accuracy.
    [<Literal>]
    let LargestDegree = HyperRules.LargestDegree

    /// Hyperparameters with the defaults of everything that has one: max_radial coupled, centre included, no smoothing,
    /// no radial scaling, rcond 1e-8, tolerance 1e-3.
    let create (maxAngular: int) (radialBasis: RadialBasis) (cutoffRadius: float) : Hypers =
        HyperRules.create maxAngular radialBasis cutoffRadius

    /// Gaussian-type radial functions of one width, n = 0 … maxRadial for every l, with the defaults of everything else (see `create`). Lengths are in
    /// the unit of the input.
    let gto (maxAngular: int) (maxRadial: int) (width: float) (cutoffRadius: float) : Hypers = {
        create maxAngular (RadialBasis.Gto width) cutoffRadius with
            MaxRadial = RadialCount.Uniform maxRadial
    }

    /// Monomials as radial functions, n = 0 … maxRadial for every l, with the defaults of everything else (see `create`).
    let monomial (maxAngular: int) (maxRadial: int) (cutoffRadius: float) : Hypers = {
        create maxAngular RadialBasis.Monomial cutoffRadius with
            MaxRadial = RadialCount.Uniform maxRadial
    }

    /// The hyperparameters of a JSON file, or of any file of features that was written with them, checked.
    let load (path: string) : Result<Hypers, AniSoapError> =
        HypersFile.read path
        |> Result.bind (fun saved ->
            SavedHypers.complete saved
            |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some path }))

    /// Hyperparameters out of a JSON text; errors name the line.
    let ofJson (json: string) : Result<Hypers, AniSoapError> =
        SavedHypers.ofJson "hyperparameters" (Encoding.UTF8.GetBytes json)
        |> Result.bind SavedHypers.complete

    /// Hyperparameters as one line of JSON, all of them, as `--hypers` reads them.
    let toJson (hypers: Hypers) : string = SavedHypers.toJson None None hypers

    /// Writes hyperparameters as JSON; the file appears whole or not at all.
    let saveWith (existing: Existing) (path: string) (hypers: Hypers) : Result<unit, AniSoapError> =
        let json = Encoding.UTF8.GetBytes(toJson hypers + "\n")

        AtomicFile.Create(path, existing)
        |> Result.bind (fun file ->
            use file = file
            file.Write(fun stream -> stream.Write json) |> Result.bind file.Commit)

    /// Writes hyperparameters as JSON into a new file, which appears whole or not at all.
    let save (path: string) (hypers: Hypers) : Result<unit, AniSoapError> = saveWith Existing.Keep path hypers
