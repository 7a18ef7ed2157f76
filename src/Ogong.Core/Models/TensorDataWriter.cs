using System.Collections.Concurrent;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Writes the rows of tensors, converted to a type, the rows of a block of the file side by side.</summary>
/// <param name="stream">Where to.</param>
/// <param name="model">The model's file or folder, for messages.</param>
/// <param name="cancellationToken">Stops the writing.</param>
internal sealed class TensorDataWriter(Stream stream, string model, CancellationToken cancellationToken)
{
    private const int BlockBytes = 16 << 20;

    private readonly ParallelOptions _parallel = new() { CancellationToken = cancellationToken };

    /// <summary>Writes a tensor; row i of the file is row <paramref name="order"/>(i) of it.</summary>
    /// <exception cref="ModelFormatException">An element is not finite, or too large for the type; the message names the first.</exception>
    public void Write(ITensorSource source, ElementType type, Func<int, int>? order = null)
    {
        long rowBytes = type.RowBytes(source.Columns);
        int step = (int)Math.Clamp(BlockBytes / rowBytes, 1, source.Rows);
        byte[] block = new byte[checked((int)(step * rowBytes))];
        for (int first = 0; first < source.Rows; first += step)
        {
            int count = Math.Min(step, source.Rows - first), start = first;
            var failures = new ConcurrentBag<(int Row, ModelFormatException Failure)>();
            Parallel.For(0, count, _parallel, (row, state) =>
            {
                try
                {
                    int logical = order is null ? start + row : order(start + row);
                    Convert(source, logical, type, block.AsSpan(row * (int)rowBytes, (int)rowBytes));
                }
                catch (ModelFormatException e)
                {
                    failures.Add((row, e));
                    state.Break(); // rows before this one are still looked at, so that the first is named however many threads there are
                }
            });
            if (!failures.IsEmpty) throw failures.MinBy(static f => f.Row).Failure;
            stream.Write(block.AsSpan(0, count * (int)rowBytes));
        }
    }

    private void Convert(ITensorSource source, int row, ElementType type, Span<byte> target)
    {
        ReadOnlySpan<byte> bytes = source.ReadRows(row, 1);
        CheckFinite(source, source.Type, row, bytes, "is not finite");
        if (source.Type == type)
        {
            bytes.CopyTo(target);
            return;
        }
        float[] values = new float[source.Columns];
        ElementStorage.Widen(source.Type, bytes, values);
        ElementStorage.Round(type, values, target);
        CheckFinite(source, type, row, target, $"is too large for {type}");
    }

    private void CheckFinite(ITensorSource source, ElementType type, int row, ReadOnlySpan<byte> bytes, string what)
    {
        if (ElementStorage.FirstNonFinite(type, source.Columns, bytes) is >= 0 and var column)
            throw new ModelFormatException(model, $"Tensor {source.Name} {what} at row {row}, column {column}.");
    }
}
