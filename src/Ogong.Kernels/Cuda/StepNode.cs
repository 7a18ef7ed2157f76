using Ogong.Kernels.Device;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>One call of a recorded step, which can be enqueued again.</summary>
internal abstract class StepNode
{
    public abstract void Enqueue(CudaStream stream);
}

/// <summary>A kernel launch.</summary>
internal sealed class KernelNode<TArguments>(CudaKernel kernel, Grid grid, int block, int sharedBytes, TArguments arguments) : StepNode
    where TArguments : unmanaged, IEquatable<TArguments>
{
    /// <summary>Whether a launch is this one again. Arguments are compared field by field, because the padding of a struct is not defined.</summary>
    public bool Is(CudaKernel otherKernel, Grid otherGrid, int otherBlock, int otherShared, in TArguments other) =>
        ReferenceEquals(kernel, otherKernel) && grid == otherGrid && block == otherBlock && sharedBytes == otherShared && arguments.Equals(other);

    public override void Enqueue(CudaStream stream) => stream.Launch(kernel.Function, grid, block, sharedBytes, in arguments);
}

/// <summary>Work that a library enqueues on the stream it is given; <paramref name="arguments"/> decide all of it.</summary>
internal delegate void StreamCall<TArguments>(CudaStream stream, in TArguments arguments);

/// <summary>A call of a library.</summary>
internal sealed class CallNode<TArguments>(StreamCall<TArguments> call, TArguments arguments) : StepNode
    where TArguments : unmanaged, IEquatable<TArguments>
{
    public bool Is(StreamCall<TArguments> otherCall, in TArguments other) => ReferenceEquals(call, otherCall) && arguments.Equals(other);

    public override void Enqueue(CudaStream stream) => call(stream, in arguments);
}

/// <summary>A copy between device memory and a fixed place in pinned memory.</summary>
internal sealed class CopyNode(DeviceRange device, StagedBytes staged, bool toDevice) : StepNode
{
    /// <summary>The place in pinned memory.</summary>
    public StagedBytes Staged => staged;

    public bool Is(DeviceRange other, bool otherToDevice) =>
        ReferenceEquals(device.Memory, other.Memory) && device.ByteOffset == other.ByteOffset && device.ByteLength == other.ByteLength && toDevice == otherToDevice;

    public override void Enqueue(CudaStream stream)
    {
        if (toDevice) stream.CopyToDevice(device, (PinnedMemory)staged.Owner, staged.Offset);
        else stream.CopyToHost((PinnedMemory)staged.Owner, device, staged.Offset);
    }
}
