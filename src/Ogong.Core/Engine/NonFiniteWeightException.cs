namespace Ogong.Engine;

/// <summary>A stored weight is an infinity or a NaN, so the model cannot be run: no result would mean anything.</summary>
/// <param name="tensor">Full name of the tensor.</param>
/// <param name="row">Row of the element, from 0.</param>
/// <param name="column">Column of the element, from 0.</param>
public sealed class NonFiniteWeightException(string tensor, int row, int column)
    : IOException($"Weight {tensor} is not finite at row {row}, column {column}.")
{
    /// <summary>The tensor's full name.</summary>
    public string Tensor { get; } = tensor;

    /// <summary>Row of the element, from 0.</summary>
    public int Row { get; } = row;

    /// <summary>Column of the element, from 0.</summary>
    public int Column { get; } = column;
}
