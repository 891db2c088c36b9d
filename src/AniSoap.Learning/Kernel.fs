namespace AniSoap.Learning

open System
open AniSoap

/// How alike two rows are.
[<RequireQualifiedAccess>]
type Kernel =
    /// x · y
    | Linear
    /// (γ x · y + constant)^degree
    | Polynomial of degree: int * gamma: float * constant: float
    /// exp(−γ |x − y|²)
    | Gaussian of gamma: float

/// Kernels of rows.
module Kernel =
    let internal check (kernel: Kernel) : Result<unit, AniSoapError> =
        let gamma (value: float) =
            Refuse.unless (value > 0.0 && value <= Checks.Largest) (fun () ->
                Refuse.number "gamma" value "a finite number above 0")

        match kernel with
        | Kernel.Linear -> Ok()
        | Kernel.Gaussian value -> gamma value
        | Kernel.Polynomial(degree, value, constant) ->
            attempt {
                do! Checks.upTo "degree" 100 "a power" degree
                do! gamma value

                do!
                    Refuse.unless (constant >= 0.0 && constant <= Checks.Largest) (fun () ->
                        Refuse.number "constant" constant "a finite number from 0")
            }

    /// Integer powers by squaring: the same on every machine.
    let private power (value: float) (exponent: int) =
        let mutable result = 1.0
        let mutable factor = value
        let mutable left = exponent

        while left > 0 do
            if left &&& 1 = 1 then
                result <- result * factor

            factor <- factor * factor
            left <- left >>> 1

        result

    let internal between (kernel: Kernel) (x: Matrix) (y: Matrix) : Matrix =
        match kernel with
        | Kernel.Linear -> Products.rowsByRows x y
        | Kernel.Polynomial(degree, gamma, constant) ->
            Products.ofRows x y (fun i j -> power (gamma * Vectors.dot (x.Row i) (y.Row j) + constant) degree)
        | Kernel.Gaussian gamma ->
            Products.ofRows x y (fun i j -> exp (-gamma * Vectors.squaredDistance (x.Row i) (y.Row j)))

    /// The kernel of every row of x (rows) with every row of y (columns). Refuses parameters and numbers that are not finite, a γ that is
    /// not above 0, and a kernel that grows beyond what a number holds.
    let matrix (kernel: Kernel) (x: Matrix) (y: Matrix) : Result<Matrix, AniSoapError> =
        attempt {
            do! check kernel
            do! Checks.matrix "y" y
            do! Checks.newRows "x" y.Columns x
            do! Checks.size "numbers of the kernel" x.Rows y.Rows
            let found = between kernel x y

            do!
                if found.Rows = 0 then
                    Ok()
                else
                    Checks.matrix "kernel" found

            return found
        }
