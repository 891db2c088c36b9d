/// The files of the repository that tests read where they are.
module AniSoap.Tests.Repository

open System
open System.IO

/// The folder that holds the solution file: these tests run below it.
let root =
    let rec above (folder: DirectoryInfo) =
        if File.Exists(Path.Combine(folder.FullName, "AniSoap.slnx")) then
            folder.FullName
        else
            above (nonNull folder.Parent)

    above (DirectoryInfo AppContext.BaseDirectory)

/// One of the example trajectories: "isotropic", "nematic" or "smectic".
let gayBerne (phase: string) = Path.Combine(root, "docs", "data", "gay-berne", phase + ".extxyz.gz")
