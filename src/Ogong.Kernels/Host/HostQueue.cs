using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Kernels.Host;

/// <summary>What the host backends share: operations run at once, copies are memory copies, and the first non-finite reduction is remembered until completion.</summary>
internal abstract unsafe class HostQueue : ComputeQueue
{
    private NonFiniteException? _fault;

    public override ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        if (_fault is { } fault)
        {
            _fault = null;
            return ValueTask.FromException(fault);
        }
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>
    /// Raises the sticky flag if an output [rows × columns] of a reduction has an element that is not finite. The tensor it names is the scope, then the operation, then the weight where there is one:
    /// <c>model.layers.3.Linear(model.layers.3.mlp.down_proj.weight)</c>. Returns whether the flag is still down.
    /// </summary>
    protected bool CheckFinite(float* values, int rows, int columns, Operation operation, Weight? weight = null)
    {
        if (_fault is not null) return false;
        long count = (long)rows * columns;
        for (long start = 0; start < count; start += 1 << 20)
        {
            var block = new ReadOnlySpan<float>(values + start, (int)Math.Min(1 << 20, count - start));
            int index = FiniteCheck.FirstNonFinite(block);
            if (index < 0) continue;
            long at = start + index;
            string tensor = weight is null ? $"{operation}" : $"{operation}({weight.Name})";
            _fault = new NonFiniteException(Scope.Length == 0 ? tensor : $"{Scope}.{tensor}", (int)(at / columns), (int)(at % columns));
            return false;
        }
        return true;
    }

    protected override void Dispose(bool disposing)
    {
    }

    protected override void WriteCore(ReadOnlySpan<byte> source, DeviceBuffer destination, long byteOffset) =>
        source.CopyTo(new Span<byte>(HostBuffer.From(destination).Pointer + byteOffset, source.Length));

    protected override void ReadCore<T>(DeviceBuffer source, Memory<T> destination, long byteOffset)
    {
        Span<byte> target = MemoryMarshal.AsBytes(destination.Span);
        new ReadOnlySpan<byte>(HostBuffer.From(source).Pointer + byteOffset, target.Length).CopyTo(target);
    }
}
