using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Kernels.Host;
using Ogong.Native.OpenCl;

namespace Ogong.Kernels.OpenCl;

/// <summary>Operations on an in-order command queue of an OpenCL device; one file per operation.</summary>
internal sealed unsafe partial class OpenClQueue : ComputeQueue
{
    /// <summary>Outputs that may be checked between two completions: each has a word in <see cref="_faultWords"/>.</summary>
    private const int MaxFaults = 1 << 14;

    private readonly OpenClCommandQueue _queue;
    private readonly FaultTable _faults = new();
    private readonly OpenClDeviceBuffer _faultWords;
    private readonly Dictionary<(string Entry, ElementType? Type, int Rows, int Group), OpenClKernel> _kernels = [];
    private readonly OpenClDeviceBuffer?[] _scratch = new OpenClDeviceBuffer?[2];
    private bool _disposed;

    public OpenClQueue(OpenClBackend backend)
    {
        Backend = backend;
        _queue = backend.Context.CreateQueue();
        _writes = new StagingArena(AllocateStaging);
        _reads = new StagingArena(AllocateStaging);
        _faultWords = new OpenClDeviceBuffer(backend, sizeof(uint) * (long)MaxFaults, "a queue's fault words");
        ClearFaults(MaxFaults);
    }

    internal OpenClBackend Backend { get; }

    private DeviceShape Shape => Backend.Shape;

    protected override void Dispose(bool disposing)
    {
        if (_disposed || !disposing) return;
        _disposed = true;
        Drain();
        _waiter?.Dispose();
        _pending.Drop();
        foreach (OpenClKernel kernel in _kernels.Values) kernel.Dispose();
        ReadOnlySpan<IDisposable?> owned = [_faultWords, .. _scratch, _tokenCaches, _reads, _writes, _queue];
        foreach (IDisposable? item in owned) item?.Dispose();
    }

    /// <summary>A kernel of this queue's own, since a kernel object holds its arguments. Compiled at its first use on this machine.</summary>
    /// <param name="file">File of native/opencl.</param>
    /// <param name="entry">Kernel in it.</param>
    /// <param name="group">Work-items of a group.</param>
    /// <param name="type">Its storage type, where it has one.</param>
    /// <param name="rows">Rows that share a pass, where it says.</param>
    private OpenClKernel Kernel(string file, string entry, int group, ElementType? type = null, int rows = 0)
    {
        var key = (entry, type, rows, group);
        if (_kernels.TryGetValue(key, out OpenClKernel? kernel)) return kernel;
        List<string> macros = [];
        if (type is { } storage) macros.Add($"TYPE={storage}");
        if (rows > 0) macros.AddRange([$"ROWS={rows}", $"PARTS={Shape.LinearParts}"]);
        kernel = Backend.Programs.CreateKernel(file, entry, group, [.. macros]);
        _kernels.Add(key, kernel);
        return kernel;
    }

    private void Launch(OpenClKernel kernel, (long X, long Y, long Z) groups, int groupSize, params ReadOnlySpan<OpenClArgument> arguments)
    {
        _busy = true;
        _queue.Launch(kernel, groups, (groupSize, 1, 1), arguments);
    }

    /// <summary>A kernel whose work-items share nothing, over [x] items in groups, times y and z.</summary>
    private void LaunchItems(OpenClKernel kernel, long x, long y, long z, params ReadOnlySpan<OpenClArgument> arguments) =>
        Launch(kernel, ((x + DeviceShape.Elementwise - 1) / DeviceShape.Elementwise, y, z), DeviceShape.Elementwise, arguments);

    private static OpenClBuffer Memory(DeviceBuffer buffer) => OpenClDeviceBuffer.From(buffer).Memory;

    private static OpenClArgument Optional(DeviceBuffer? buffer) => buffer is null ? OpenClArgument.NullPointer : Memory(buffer);

    /// <summary>
    /// Number of the next checked output [rows × <paramref name="columns"/>] of the running operation, in the order that docs/exact-arithmetic.md checks them: its word among the fault words.
    /// </summary>
    private uint NextFault(Operation operation, int columns, Weight? weight = null)
    {
        if (_faults.Count == MaxFaults) throw new InvalidOperationException($"More than {MaxFaults} checked outputs without a completion.");
        return (uint)(_faults.Add(Scope, operation, columns, weight) >> FaultTable.IndexBits);
    }

    /// <summary>Memory for the running operation alone, one of two; in-order execution lets the next operation reuse it.</summary>
    private OpenClBuffer Scratch(long bytes, int which = 0)
    {
        ref OpenClDeviceBuffer? scratch = ref _scratch[which];
        if (scratch is null || scratch.ByteLength < bytes)
        {
            scratch?.Dispose();
            scratch = null;
            scratch = new OpenClDeviceBuffer(Backend, bytes, "an operation's scratch memory");
        }
        return scratch.Memory;
    }

    private static StagingBlock AllocateStaging(long bytes)
    {
        var block = new HostBuffer(bytes);
        return new StagingBlock(block, (nint)block.Pointer, bytes);
    }
}
