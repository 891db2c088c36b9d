#!/usr/bin/env bash
# crossgen2 10.0.12 (ReadyToRun, `dotnet publish -p:PublishReadyToRun=true`): no generic function over reference types is compiled ahead if its class is not marked
# "beforefieldinit", though the class has no initialiser at all ("CORINFO_HELP_INITINSTCLASS requires runtime JIT"). The C# compiler marks such classes; the F# compiler marks
# no module. So List.map, Option.bind or Result.bind of FSharp.Core, compiled ahead or not, are compiled by the JIT in every process that uses them with strings,
# records or lists.
#
# Seen: the same function is left out as a function of an F# module and compiled as one of a static class of C#; of FSharp.Core 10.0.111, more than 500 are left out.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
export NUGET_PACKAGES="$work/packages" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
mkdir fsharp csharp
cat >fsharp/fsharp.fsproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <DisableImplicitFSharpCoreReference>true</DisableImplicitFSharpCoreReference>
  </PropertyGroup>
  <ItemGroup>
    <Compile Include="Pairs.fs" />
    <PackageReference Include="FSharp.Core" Version="10.0.111" />
    <PackageDownload Include="Microsoft.NETCore.App.Crossgen2.linux-x64" Version="[10.0.12]" />
  </ItemGroup>
</Project>
XML
cat >fsharp/Pairs.fs <<'FSHARP'
module Pairs

let both (first: 'a) (second: 'a) : 'a array = [| first; second |]
let words () = both "a" "b"
FSHARP
cat >csharp/csharp.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
</Project>
XML
cat >csharp/Pairs.cs <<'CSHARP'
public static class Pairs
{
    public static T[] both<T>(T first, T second) => new[] { first, second };

    public static string[] words() => both("a", "b");
}
CSHARP
dotnet build -v q -c Release fsharp >build.log || { cat build.log >&2; exit 1; }
dotnet build -v q -c Release csharp >build.log || { cat build.log >&2; exit 1; }

core="packages/fsharp.core/10.0.111/lib/netstandard2.1/FSharp.Core.dll"
runtime="$(dotnet --list-runtimes | sed -nE 's/^Microsoft.NETCore.App (10[^ ]*) \[(.*)\]$/\2\/\1/p' | tail -n 1)"
ahead() {
    packages/microsoft.netcore.app.crossgen2.linux-x64/10.0.12/tools/crossgen2 "$1" -r "$runtime/*.dll" -r "$core" --targetos linux --targetarch x64 -O --verbose \
        -o "ahead/$(basename "$1")" 2>&1
}
left_out() { grep -c 'INITINSTCLASS. requires runtime JIT' || true; }
mkdir ahead
ahead fsharp/bin/Release/net10.0/fsharp.dll >fsharp.log
ahead csharp/bin/Release/net10.0/csharp.dll >csharp.log
ahead "$core" >core.log
echo "left to the JIT: F# $(left_out <fsharp.log), C# $(left_out <csharp.log), FSharp.Core $(left_out <core.log)"
grep -E 'both<__Canon>.*not compiled' fsharp.log csharp.log | sed -E 's/^([a-z]+).log:.*(CORINFO_[A-Z_]+).*/\1: both, \2/'
[[ $(left_out <fsharp.log) == 1 && $(left_out <csharp.log) == 0 && $(left_out <core.log) -gt 500 ]] || { echo 'the behaviour has changed' >&2; exit 1; }
