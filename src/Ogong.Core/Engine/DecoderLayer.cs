using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>Resident weights of one decoder layer. Immutable.</summary>
internal sealed class DecoderLayer(int index) : IDisposable
{
    /// <summary>Names the layer in errors.</summary>
    public string Scope { get; } = TensorNames.Layer(index);

    public required DeviceBuffer AttentionNorm { get; init; }

    public required Weight Query { get; init; }

    public required Weight Key { get; init; }

    public required Weight Value { get; init; }

    public DeviceBuffer? QueryBias { get; init; }

    public DeviceBuffer? KeyBias { get; init; }

    public DeviceBuffer? ValueBias { get; init; }

    public DeviceBuffer? QueryNorm { get; init; }

    public DeviceBuffer? KeyNorm { get; init; }

    public required Weight Output { get; init; }

    public required DeviceBuffer MlpNorm { get; init; }

    public required Weight Gate { get; init; }

    public required Weight Up { get; init; }

    public required Weight Down { get; init; }

    public void Dispose()
    {
        foreach (DeviceBuffer? buffer in (ReadOnlySpan<DeviceBuffer?>)[AttentionNorm, QueryBias, KeyBias, ValueBias, QueryNorm, KeyNorm, MlpNorm])
            buffer?.Dispose();
        foreach (Weight weight in (ReadOnlySpan<Weight>)[Query, Key, Value, Output, Gate, Up, Down])
            weight.Dispose();
    }
}
