#!/usr/bin/env bash
# Expecto 11.1.1: Expect.isLessThan, isLessThanOrEqual and floatLessThanOrClose pass when the number is NaN: a test that bounds the error of a computation passes
# when the computation gives none. Their counterparts isGreaterThan and isGreaterThanOrEqual, and floatClose, fail for NaN.
#
# Seen: true for the three named first, false for the others.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >compare.fsx <<'FSHARP'
#r "nuget: Mono.Cecil, 0.11.6"
#r "nuget: Expecto, 11.1.1"
open Expecto

let passes check =
    try
        check ()
        true
    with _ ->
        false

for name, check in
    [
        "isLessThan", fun () -> Expect.isLessThan nan 1e-12 ""
        "isLessThanOrEqual", fun () -> Expect.isLessThanOrEqual nan 1e-12 ""
        "isGreaterThan", fun () -> Expect.isGreaterThan nan 0.0 ""
        "isGreaterThanOrEqual", fun () -> Expect.isGreaterThanOrEqual nan 0.0 ""
        "floatLessThanOrClose", fun () -> Expect.floatLessThanOrClose Accuracy.high nan 1.0 ""
        "floatClose", fun () -> Expect.floatClose Accuracy.high nan 1.0 ""
    ] do
    printfn "%s %b" name (passes check)
FSHARP
found="$(dotnet fsi compare.fsx | grep -oE "^[A-Za-z]+ (true|false)")"
echo "$found"
[[ $found == 'isLessThan true
isLessThanOrEqual true
isGreaterThan false
isGreaterThanOrEqual false
floatLessThanOrClose true
floatClose false' ]] || { echo 'the behaviour has changed' >&2; exit 1; }
