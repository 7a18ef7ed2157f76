using Ogong.Compute;

namespace Ogong.Kernels.Device;

/// <summary>
/// What the operations enqueued since the last completion check, so that the fault word of a device can be read. The word is the smallest (operation · 2^40 + flat index) of all outputs that
/// were not finite, or <see cref="None"/>; operations are numbered in order, so the smallest is what a sequential run would have met first.
/// </summary>
internal sealed class FaultTable
{
    /// <summary>The word when every output was finite.</summary>
    public const ulong None = ulong.MaxValue;

    /// <summary>Bits of the word below the operation's number.</summary>
    public const int IndexBits = 40;

    private readonly List<(string Scope, Operation Operation, Weight? Weight, int Columns)> _outputs = [];

    /// <summary>Outputs numbered since the last reset.</summary>
    public int Count => _outputs.Count;

    /// <summary>Numbers the next output, [rows × <paramref name="columns"/>], and returns the number shifted to its place in the word.</summary>
    public ulong Add(string scope, Operation operation, int columns, Weight? weight)
    {
        ulong number = (ulong)_outputs.Count;
        if (number >= 1UL << (63 - IndexBits)) throw new InvalidOperationException("Too many operations without a completion.");
        _outputs.Add((scope, operation, weight, columns));
        return number << IndexBits;
    }

    /// <summary>Takes back the numbers from <paramref name="count"/> on.</summary>
    public void Reset(int count = 0) => _outputs.RemoveRange(count, _outputs.Count - count);

    /// <summary>The exception a fault word stands for: the one that a host backend raises for the same step.</summary>
    public NonFiniteException Decode(ulong word)
    {
        (string scope, Operation operation, Weight? weight, int columns) = _outputs[(int)(word >> IndexBits)];
        long at = (long)(word & ((1UL << IndexBits) - 1));
        string tensor = weight is null ? $"{operation}" : $"{operation}({weight.Name})";
        return new NonFiniteException(scope.Length == 0 ? tensor : $"{scope}.{tensor}", checked((int)(at / columns)), (int)(at % columns));
    }
}
