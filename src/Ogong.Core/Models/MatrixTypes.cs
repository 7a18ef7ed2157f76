using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Which type each matrix of a model gets when the model is stored in a type.</summary>
internal static class MatrixTypes
{
    /// <summary><paramref name="type"/> where rows are a whole number of its blocks, else <paramref name="otherwise"/> if that fits.</summary>
    /// <exception cref="ModelFormatException">Neither fits; the message names the tensor.</exception>
    public static ElementType Of(TensorSpec matrix, ElementType type, ElementType? otherwise, string model)
    {
        if (type.Fits(matrix.Columns)) return type;
        ElementType refused = otherwise ?? type;
        return refused.Fits(matrix.Columns) ? refused
            : throw new ModelFormatException(model, $"Tensor {matrix.Name} has rows of {matrix.Columns} elements, no whole number of {refused} blocks of {refused.BlockElements()}.");
    }

    private static bool Fits(this ElementType type, int columns) => type == ElementType.I8_256 || columns % type.BlockElements() == 0;
}
