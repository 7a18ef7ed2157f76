using Ogong.Compute;

namespace Ogong.Engine;

/// <summary>
/// Checks every element for finiteness on its way to the backend, while it is in cache, and lets a load be cancelled between reads.
/// </summary>
internal sealed class CheckedTensorSource(ITensorSource inner, CancellationToken cancellationToken) : ITensorSource
{
    public string Name => inner.Name;

    public ElementType Type => inner.Type;

    public int Rows => inner.Rows;

    public int Columns => inner.Columns;

    public ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadOnlySpan<byte> bytes = inner.ReadRows(first, count);
        long index = ElementStorage.FirstNonFinite(Type, Columns, bytes);
        return index < 0 ? bytes : throw new NonFiniteWeightException(Name, first + (int)(index / Columns), (int)(index % Columns));
    }
}
