namespace AniSoap.Learning

open System
open System.Threading.Tasks

/// Products of matrices. Every number is one sum in one order, so that threads change no bit.
module internal Products =
    /// Below so many multiplications threads cost more than they bring.
    [<Literal>]
    let private Worthwhile = 200000.0

    /// Threads of the scheduler that this is called on.
    let threads () : int = min Environment.ProcessorCount TaskScheduler.Current.MaximumConcurrencyLevel

    /// For each number below `count`, by several threads where so many operations are worth it: those of the scheduler that this is called on.
    let forEach (count: int) (operations: float) (body: int -> unit) : unit =
        if operations < Worthwhile then
            for i in 0 .. count - 1 do
                body i
        else
            // No more at a time than there are threads, as each may need memory of its own.
            let options =
                ParallelOptions(TaskScheduler = TaskScheduler.Current, MaxDegreeOfParallelism = threads ())

            Parallel.For(0, count, options, body) |> ignore

    /// What each of some items gives, by so many threads at most.
    let map (threads: int) (f: 'a -> 'b) (items: 'a[]) : 'b[] =
        let results = Array.zeroCreate<'b> items.Length
        let options = ParallelOptions(MaxDegreeOfParallelism = threads)

        Parallel.For(0, items.Length, options, fun k -> results[k] <- f items[k])
        |> ignore

        results

    /// A number for every row of x and row of y.
    let ofRows (x: Matrix) (y: Matrix) (value: int -> int -> float) : Matrix =
        let values = Array.zeroCreate<float>(x.Rows * y.Rows)

        forEach x.Rows (float x.Rows * float y.Rows * float x.Columns) (fun i ->
            for j in 0 .. y.Rows - 1 do
                values[i * y.Rows + j] <- value i j)

        Matrix.ofOwned x.Rows y.Rows values

    /// X Yᵀ: the scalar products of rows.
    let rowsByRows (x: Matrix) (y: Matrix) : Matrix = ofRows x y (fun i j -> Vectors.dot (x.Row i) (y.Row j))

    /// The columns as arrays of their own.
    let columnsOf (x: Matrix) : float[][] =
        Array.init x.Columns (fun column -> Array.init x.Rows (fun row -> x[row, column]))

    /// Columns as a matrix.
    let ofColumns (rows: int) (columns: float[][]) : Matrix =
        Matrix.init rows columns.Length (fun row column -> columns[column][row])
