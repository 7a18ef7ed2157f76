namespace Ogong.Compute;

/// <summary>A reduction produced an infinity or a NaN. Never a result: the step that raised it has no outputs.</summary>
/// <param name="tensor">Which output: the scope set on the queue, then the operation and weight.</param>
/// <param name="row">Row of the step, from 0.</param>
/// <param name="column">Column of the output, from 0.</param>
public sealed class NonFiniteException(string tensor, int row, int column)
    : ArithmeticException($"{tensor} is not finite at row {row}, column {column}.")
{
    /// <summary>The output that is not finite.</summary>
    public string Tensor { get; } = tensor;

    /// <summary>Row of the step, from 0.</summary>
    public int Row { get; } = row;

    /// <summary>Column of the output, from 0.</summary>
    public int Column { get; } = column;
}
