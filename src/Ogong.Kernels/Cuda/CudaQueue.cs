using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// Operations on a stream of a CUDA device; one file per operation. An operation is a few calls of <see cref="Launch"/>, whose arguments depend only on shapes: what changes from step to step
/// is read from device buffers, so that a recorded step can be replayed.
/// </summary>
internal sealed unsafe partial class CudaQueue : ComputeQueue
{
    private readonly CudaStream _stream;
    private readonly FaultTable _faults = new();
    private readonly KernelSlots _kernels = new();
    private readonly CudaBuffer _faultWord;

    public CudaQueue(CudaBackend backend)
    {
        Backend = backend;
        _stream = backend.Context.CreateStream();
        _event = backend.Context.CreateEvent(sleeping: true);
        _writes = new StagingArena(backend.Pin);
        _reads = new StagingArena(backend.Pin);
        _landedFault = backend.Context.AllocatePinned(sizeof(ulong));
        _faultWord = new CudaBuffer(backend, sizeof(ulong), "a queue's fault word");
        ClearFault();
    }

    internal CudaBackend Backend { get; }

    /// <summary>
    /// A kernel: <c>Kernel("linear_decode.cu", "linear_decode", ("WEIGHT_TYPE", 2))</c>. Compiled at its first use on this machine. The names are literals: they are told apart by reference first.
    /// </summary>
    private CudaKernel Kernel(string file, string entry, params ReadOnlySpan<(string Name, int Value)> definitions) =>
        _kernels.Find(file, entry, definitions) ?? _kernels.Add(file, entry, definitions, Backend.Kernels.Get(file, entry, definitions));

    /// <summary>Enqueues a kernel with its one argument, a struct by value.</summary>
    /// <param name="kernel">What <see cref="Kernel"/> gave.</param>
    /// <param name="grid">Blocks: an int, or a tuple of two or three.</param>
    /// <param name="block">Threads per block.</param>
    /// <param name="sharedBytes">Dynamic shared memory per block.</param>
    /// <param name="arguments">Mirrors the kernel's struct: a sequential record struct, 8-byte fields first.</param>
    private void Launch<TArguments>(CudaKernel kernel, Grid grid, int block, int sharedBytes, in TArguments arguments)
        where TArguments : unmanaged, IEquatable<TArguments>
    {
        if (_replay is { } replay)
        {
            if (replay.Next is KernelNode<TArguments> next && next.Is(kernel, grid, block, sharedBytes, in arguments))
            {
                replay.Advance();
                return;
            }
            Diverge();
        }
        kernel.AllowShared(sharedBytes);
        (_busy, _faultRead) = (true, false);
        _stream.Launch(kernel.Function, grid, block, sharedBytes, in arguments);
        _recording?.Add(new KernelNode<TArguments>(kernel, grid, block, sharedBytes, arguments));
    }

    /// <summary>Enqueues what a library does on a stream.</summary>
    /// <param name="call">A delegate made once: the same one for the same call.</param>
    /// <param name="arguments">A record struct that decides all of what the call does.</param>
    private void Call<TArguments>(StreamCall<TArguments> call, in TArguments arguments) where TArguments : unmanaged, IEquatable<TArguments>
    {
        if (_replay is { } replay)
        {
            if (replay.Next is CallNode<TArguments> next && next.Is(call, in arguments))
            {
                replay.Advance();
                return;
            }
            Diverge();
        }
        (_busy, _faultRead) = (true, false);
        call(_stream, in arguments);
        _recording?.Add(new CallNode<TArguments>(call, arguments));
    }

    /// <summary>Device address of a buffer of this backend, or of element <paramref name="offset"/> bytes into it; 0 for null.</summary>
    private static ulong Pointer(DeviceBuffer? buffer, long offset = 0) => buffer is null ? 0 : CudaBuffer.From(buffer).Pointer + (ulong)offset;

    /// <summary>
    /// The fault of the next checked output [rows × <paramref name="columns"/>] of the running operation, in the order that docs/exact-arithmetic.md checks them. Kernels pass it to
    /// <c>check_finite</c> with the flat index. Each output takes one, whether or not this launch can raise it.
    /// </summary>
    private Fault NextFault(Operation operation, int columns, Weight? weight = null) => new(_faultWord.Pointer, _faults.Add(Scope, operation, columns, weight));

    /// <summary>Blocks of <paramref name="block"/> threads for a grid-stride loop over <paramref name="count"/> items: all of them, or as many as keep every multiprocessor full.</summary>
    private int GridStride(long count, int block)
    {
        const int ThreadsPerMultiprocessor = 2048;
        long full = (long)Backend.Multiprocessors * (ThreadsPerMultiprocessor / block);
        return (int)Math.Clamp((count + block - 1) / block, 1, Math.Max(full, 1));
    }
}
