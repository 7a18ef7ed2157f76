using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Writes the data of tensors one after the other, converted and in GGUF's order of rows.</summary>
internal sealed class GgufDataWriter(Stream stream, StoredModel model, CancellationToken cancellationToken)
{
    private const int BlockBytes = 16 << 20;

    private readonly ParallelOptions _parallel = new() { CancellationToken = cancellationToken };

    public void WriteRopeFactors()
    {
        if (RopeFactors.Of(model.Config) is not { Length: > 0 } factors) return;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<float>(factors);
        stream.Write(bytes);
        GgufHeaderWriter.Pad(stream, bytes.Length);
    }

    public void Write(ITensorSource source, ElementType type)
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
                    Convert(source, start + row, type, block.AsSpan(row * (int)rowBytes, (int)rowBytes));
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
        GgufHeaderWriter.Pad(stream, source.Rows * rowBytes);
    }

    /// <summary>One row of the file.</summary>
    private void Convert(ITensorSource source, int stored, ElementType type, Span<byte> target)
    {
        int row = RotaryRows.Affects(model.Config, source.Name) ? RotaryRows.Logical(stored, model.Config.HeadDim) : stored;
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
            throw new ModelFormatException(model.FullPath, $"Tensor {source.Name} {what} at row {row}, column {column}.");
    }
}
