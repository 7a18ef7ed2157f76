using System.Runtime.CompilerServices;
using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Reference;

/// <summary>The operations of the profile; one file per operation, each a transcription of its row in docs/exact-arithmetic.md.</summary>
internal sealed unsafe partial class ReferenceQueue : HostQueue
{
    /// <summary>Row <paramref name="row"/> of a matrix of <typeparamref name="T"/> with <paramref name="columns"/> columns.</summary>
    private static Span<T> Row<T>(DeviceBuffer buffer, int row, int columns) where T : unmanaged
    {
        buffer.Require(((long)row + 1) * columns, Unsafe.SizeOf<T>(), nameof(buffer));
        return new Span<T>((T*)HostBuffer.From(buffer).Pointer + ((long)row * columns), columns);
    }

    /// <summary>Part of row <paramref name="row"/> of a matrix of <typeparamref name="T"/>: <paramref name="columns"/> columns from <paramref name="offset"/> on.</summary>
    private static Span<T> Row<T>(DeviceBuffer buffer, int row, int stride, int offset, int columns) where T : unmanaged
    {
        buffer.Require(((long)row * stride) + offset + columns, Unsafe.SizeOf<T>(), nameof(buffer));
        return new Span<T>((T*)HostBuffer.From(buffer).Pointer + ((long)row * stride) + offset, columns);
    }

    /// <summary>One element of a vector of int32.</summary>
    private static int Element(DeviceBuffer buffer, int index) => Row<int>(buffer, index, 1)[0];

    /// <summary>An index read from device memory, checked against the length of what it indexes.</summary>
    /// <exception cref="ArgumentException">It is out of range.</exception>
    private static int Index(DeviceBuffer buffer, int index, int limit, string name)
    {
        int value = Element(buffer, index);
        return (uint)value < (uint)limit ? value : throw new ArgumentException($"Element {index} is {value}, outside [0, {limit}).", name);
    }

    private bool CheckFinite(DeviceBuffer buffer, int rows, int columns, Operation operation, Weight? weight = null) =>
        CheckFinite(HostBuffer.From(buffer).Floats, rows, columns, operation, weight);
}
