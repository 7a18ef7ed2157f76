using Ogong.Compute;
using Ogong.Models;
using Ogong.Numerics;

namespace Ogong.Engine;

/// <summary>
/// States of one step, binary32, shared by all blocks. A pass is one evaluation of the model: a sample, or in a guided step one of its two branches; all conditional ones come first.
/// </summary>
internal sealed class DenoiserScratch : IDisposable
{
    private readonly List<DeviceBuffer> _buffers = [];
    private readonly IBackend _backend;

    public DenoiserScratch(IBackend backend, DenoiserConfig config, int samples, int contextTokens)
    {
        _backend = backend;
        long passes = 2L * samples, rows = passes * config.Tokens, states = rows * config.Width, count = config.Shape.Count;
        Latents = New(samples * count);
        Noise = New(samples * count);
        Rows = New(samples * DenoiseRow.SizeInBytes / sizeof(float));
        Inputs = New(passes * count);
        Output = New(passes * count);
        Patches = New(passes * count);
        Labels = New(passes);
        Timesteps = New(passes * TimestepEmbedding.Width);
        Embedded = New(passes * config.Width);
        Conditioning = New(passes * config.Width);
        Classes = New(passes * config.Width);
        Modulation = New(passes * 6 * config.Width);
        Hidden = New(states);
        Normed = New(states);
        Projected = New(states);
        Query = New(states);
        Key = New(states);
        Value = New(states);
        Attended = New(states);
        FeedForward = New(rows * config.FeedForward);
        if (!config.HasContext) return;
        Context = New(passes * contextTokens * config.ContextWidth);
        ContextCounts = New(passes);
        ContextKey = New(passes * contextTokens * config.Width);
        ContextValue = New(passes * contextTokens * config.Width);
    }

    /// <summary>[samples × latent], in place from step to step.</summary>
    public DeviceBuffer Latents { get; }

    /// <summary>Fresh noise of a step [samples × latent].</summary>
    public DeviceBuffer Noise { get; }

    /// <summary><see cref="DenoiseRow"/> [samples]</summary>
    public DeviceBuffer Rows { get; }

    /// <summary>What the model reads [passes × latent].</summary>
    public DeviceBuffer Inputs { get; }

    /// <summary>What it predicts [passes × latent].</summary>
    public DeviceBuffer Output { get; }

    /// <summary>Input or output as patches [passes × tokens × values].</summary>
    public DeviceBuffer Patches { get; }

    /// <summary>int32 [passes]</summary>
    public DeviceBuffer Labels { get; }

    /// <summary>Sinusoidal embeddings [passes × 256].</summary>
    public DeviceBuffer Timesteps { get; }

    /// <summary>Between the embedder's two layers [passes × width].</summary>
    public DeviceBuffer Embedded { get; }

    /// <summary>SiLU of the conditioning vector [passes × width].</summary>
    public DeviceBuffer Conditioning { get; }

    /// <summary>Class embeddings [passes × width].</summary>
    public DeviceBuffer Classes { get; }

    /// <summary>Shifts, scales and gates [passes × 6 × width]; at the output [passes × 2 × width].</summary>
    public DeviceBuffer Modulation { get; }

    /// <summary>The residual stream [passes × tokens × width].</summary>
    public DeviceBuffer Hidden { get; }

    /// <summary>After a norm, shaped as the stream.</summary>
    public DeviceBuffer Normed { get; }

    /// <summary>What a block adds to the stream, shaped as it.</summary>
    public DeviceBuffer Projected { get; }

    /// <summary>Shaped as the stream.</summary>
    public DeviceBuffer Query { get; }

    /// <summary>Shaped as the stream.</summary>
    public DeviceBuffer Key { get; }

    /// <summary>Shaped as the stream.</summary>
    public DeviceBuffer Value { get; }

    /// <summary>Shaped as the stream.</summary>
    public DeviceBuffer Attended { get; }

    /// <summary>[passes × tokens × 4·width]</summary>
    public DeviceBuffer FeedForward { get; }

    /// <summary>Vectors of each pass [passes × vectors × context width], for models that have them, as what follows.</summary>
    public DeviceBuffer? Context { get; }

    /// <summary>int32 [passes]: how many of its vectors a pass has.</summary>
    public DeviceBuffer? ContextCounts { get; }

    /// <summary>[passes × vectors × width]</summary>
    public DeviceBuffer? ContextKey { get; }

    /// <summary>[passes × vectors × width]</summary>
    public DeviceBuffer? ContextValue { get; }

    public void Dispose()
    {
        foreach (DeviceBuffer buffer in _buffers) buffer.Dispose();
    }

    private DeviceBuffer New(long count)
    {
        DeviceBuffer buffer = _backend.Allocate(checked(sizeof(float) * count));
        _buffers.Add(buffer);
        return buffer;
    }
}
