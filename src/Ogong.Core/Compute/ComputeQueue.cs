using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ogong.Compute;

/// <summary>
/// Operations in order on one device. Calls enqueue; nothing is certain to have run, and no read has landed, until <see cref="CompleteAsync"/> completes.
/// All states are binary32, row-major. Each public method validates its shapes and calls the <c>…Core</c> of the backend.
/// </summary>
/// <remarks>Not thread-safe: one caller at a time. Different queues of one backend may run concurrently.</remarks>
public abstract partial class ComputeQueue : IDisposable
{
    /// <summary>What is being computed, e.g. <c>model.layers.3</c>; a <see cref="NonFiniteException"/> carries it.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Copies host data into <paramref name="destination"/> from byte <paramref name="byteOffset"/> on. The source may be reused on return.</summary>
    public void Write<T>(ReadOnlySpan<T> source, DeviceBuffer destination, long byteOffset = 0) where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(source);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        destination.Require(byteOffset + bytes.Length, 1, nameof(destination));
        WriteCore(bytes, destination, byteOffset);
    }

    /// <summary>Copies device data into <paramref name="destination"/>, which is filled when the next <see cref="CompleteAsync"/> completes and must not be touched before.</summary>
    public void Read<T>(DeviceBuffer source, Memory<T> destination, long byteOffset = 0) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        source.Require(byteOffset + ((long)destination.Length * Unsafe.SizeOf<T>()), 1, nameof(source));
        ReadCore(source, destination, byteOffset);
    }

    /// <summary>Completes when everything enqueued has run and every read has landed. Completes synchronously, without allocating, where the work already has.</summary>
    /// <exception cref="NonFiniteException">A reduction was not finite since the last completion.</exception>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Starts a step: until <see cref="EndStep"/> the calls, their order, buffers and sizes depend only on <paramref name="shape"/>; what differs from step to step is only what is written and where
    /// reads land. A backend may record the calls of a shape it has seen before and replay them later as one; a step that departs from its recording still runs as called.
    /// Host backends run the calls as they come.
    /// </summary>
    /// <remarks>
    /// <see cref="CompleteAsync"/> comes after the step; within it, it ends the step. A step that is never ended is abandoned by the next one: its calls have run or have not.
    /// </remarks>
    public virtual void BeginStep(long shape)
    {
    }

    /// <summary>Ends the step: all its calls are enqueued. Does nothing if there is none.</summary>
    public virtual void EndStep()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the queue owns; called once or more.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Backend part of <see cref="Write"/>.</summary>
    protected abstract void WriteCore(ReadOnlySpan<byte> source, DeviceBuffer destination, long byteOffset);

    /// <summary>Backend part of <see cref="Read"/>.</summary>
    protected abstract void ReadCore<T>(DeviceBuffer source, Memory<T> destination, long byteOffset) where T : unmanaged;
}
