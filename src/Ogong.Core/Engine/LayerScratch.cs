using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>Intermediate states of one step, binary32, shared by all its layers.</summary>
internal sealed class LayerScratch(IBackend backend, ModelConfig config, int rows) : IDisposable
{
    /// <summary>The residual stream [rows × HiddenSize].</summary>
    public DeviceBuffer Hidden { get; } = backend.Allocate(4L * rows * config.HiddenSize);

    /// <summary>After an RMS norm [rows × HiddenSize].</summary>
    public DeviceBuffer Normed { get; } = backend.Allocate(4L * rows * config.HiddenSize);

    /// <summary>What a block adds to the residual stream [rows × HiddenSize].</summary>
    public DeviceBuffer Projected { get; } = backend.Allocate(4L * rows * config.HiddenSize);

    /// <summary>[rows × Heads × HeadDim]</summary>
    public DeviceBuffer Query { get; } = backend.Allocate(4L * rows * config.Heads * config.HeadDim);

    /// <summary>[rows × KvHeads × HeadDim]</summary>
    public DeviceBuffer Key { get; } = backend.Allocate(4L * rows * config.KvHeads * config.HeadDim);

    /// <summary>[rows × KvHeads × HeadDim]</summary>
    public DeviceBuffer Value { get; } = backend.Allocate(4L * rows * config.KvHeads * config.HeadDim);

    /// <summary>Attention output [rows × Heads × HeadDim].</summary>
    public DeviceBuffer Attended { get; } = backend.Allocate(4L * rows * config.Heads * config.HeadDim);

    /// <summary>[rows × IntermediateSize]</summary>
    public DeviceBuffer Gate { get; } = backend.Allocate(4L * rows * config.IntermediateSize);

    /// <summary>[rows × IntermediateSize]</summary>
    public DeviceBuffer Up { get; } = backend.Allocate(4L * rows * config.IntermediateSize);

    public void Dispose()
    {
        foreach (DeviceBuffer buffer in (ReadOnlySpan<DeviceBuffer>)[Hidden, Normed, Projected, Query, Key, Value, Attended, Gate, Up])
            buffer.Dispose();
    }
}
