using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>How each token is chosen: the consumer's seed and the sampling rule, in the form they are signed. Immutable and valid by construction.</summary>
public sealed record SamplingParameters : ICanonical<SamplingParameters>
{
    /// <summary>The <see cref="TopP"/> that keeps every token: 1 in 32.32 fixed point.</summary>
    public const ulong FullTopP = 1UL << 32;

    private SamplingParameters(ulong seed, float temperature, int topK, ulong topP)
    {
        (Seed, Temperature, TopK, TopP) = (seed, temperature, topK, topP);
    }

    /// <summary>Highest logit, ties to the lowest id; no randomness.</summary>
    public static SamplingParameters Greedy { get; } = new(0, 0, 0, FullTopP);

    /// <summary>Key of the sampling noise, chosen by the consumer.</summary>
    public ulong Seed { get; }

    /// <summary>Divides the logits; +0 is greedy.</summary>
    public float Temperature { get; }

    /// <summary>Keep the k highest logits; 0 keeps all.</summary>
    public int TopK { get; }

    /// <summary>Nucleus share p as rint(p · 2³²), in [1, 2³²].</summary>
    public ulong TopP { get; }

    /// <summary>Parameters from a share <paramref name="topP"/> in (0, 1].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static SamplingParameters Create(ulong seed, float temperature, int topK = 0, double topP = 1)
    {
        if (!(topP is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(topP), topP, "The nucleus share is in (0, 1].");
        return FromFixedPoint(seed, temperature, topK, Math.Max(1, (ulong)Math.Round(topP * FullTopP, MidpointRounding.ToEven)));
    }

    /// <summary>Parameters from a share already in 32.32 fixed point.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static SamplingParameters FromFixedPoint(ulong seed, float temperature, int topK, ulong topP)
    {
        if (!IsTemperature(temperature)) throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature is finite and not negative.");
        ArgumentOutOfRangeException.ThrowIfNegative(topK);
        ArgumentOutOfRangeException.ThrowIfZero(topP);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topP, FullTopP);
        return new SamplingParameters(seed, temperature, topK, topP);
    }

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt64(Seed);
        writer.Single(Temperature);
        writer.Count(TopK);
        writer.UInt64(TopP);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out SamplingParameters? value)
    {
        value = null;
        if (!reader.TryUInt64(out ulong seed, "seed")) return false;
        int start = reader.Offset;
        if (!reader.TrySingle(out float temperature, "temperature")
            || !reader.TryCount(0, int.MaxValue, out int topK, "sampling top-k")
            || !reader.TryUInt64(out ulong topP, "top-p"))
            return false;
        if (!IsTemperature(temperature)) return reader.FailAt(DecodeError.OutOfRange, start, "temperature");
        if (topP is 0 or > FullTopP) return reader.FailAt(DecodeError.OutOfRange, start + 8, "top-p");
        value = new SamplingParameters(seed, temperature, topK, topP);
        return true;
    }

    // −0 would be a second encoding of greedy.
    private static bool IsTemperature(float value) => float.IsFinite(value) && !float.IsNegative(value);
}
