namespace AniSoap.Learning

open System
open System.IO

/// How LAMMPS is run, and where.
[<NoComparison; NoEquality>]
type LammpsOptions = {
    /// The words that start it: `lmp`, or `mpirun`, `-np`, `4`, `lmp`.
    Command: string list
    /// The folder of libanisoap.so and anisoapplugin.so, as `./build native` and `./build lammps` make it.
    Libraries: string
    /// The folder for the data file, the input, the potential, the trajectory and the log of the run, which stay there; None: a temporary one.
    Folder: string option
    /// Told of every line of the log while LAMMPS runs: steps, and the numbers that LAMMPS prints of them.
    Progress: Action<SimulationLog> | null
    /// Told what LAMMPS cannot be given as it is.
    Warn: Action<string> | null
}

/// How LAMMPS is run.
module LammpsOptions =
    /// `lmp`, with the libraries of a folder, in a temporary folder.
    let create (libraries: string) : LammpsOptions = {
        Command = [ "lmp" ]
        Libraries = libraries
        Folder = None
        Progress = null
        Warn = null
    }

    /// The name of the pair style's library.
    [<Literal>]
    let internal Plugin = "anisoapplugin.so"

    let internal pluginPath (options: LammpsOptions) = Path.Combine(Path.GetFullPath options.Libraries, Plugin)

    let internal warn (options: LammpsOptions) (text: string) =
        match options.Warn with
        | null -> ()
        | told -> told.Invoke text

    let internal check (options: LammpsOptions) : Result<unit, AniSoap.AniSoapError> =
        if List.isEmpty options.Command then
            Refuse.because "command of LAMMPS" "''" "the words that start it, lmp for one"
        elif not (File.Exists(pluginPath options)) then
            Error(
                AniSoap.AniSoapError.Missing(
                    pluginPath options,
                    "./build native and ./build lammps make the libraries for LAMMPS",
                    AniSoap.Place.Unknown
                )
            )
        else
            Ok()
