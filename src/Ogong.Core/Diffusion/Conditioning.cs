using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Diffusion;

/// <summary>
/// What a denoiser is asked to draw: a class label, or a sequence of vectors for cross-attention (the states of a text encoder, computed by the consumer). The unconditional branch of
/// classifier-free guidance reads the model's null class, or the second sequence. Immutable and valid by construction.
/// </summary>
public sealed class Conditioning : ICanonical<Conditioning>
{
    /// <summary>Most vectors of a sequence.</summary>
    public const int MaxTokens = 4096;

    /// <summary>Widest vector.</summary>
    public const int MaxWidth = 1 << 16;

    /// <summary>Most values of a sequence.</summary>
    public const int MaxValues = 1 << 24;

    private const byte LabelKind = 1, VectorsKind = 2;

    private static readonly HashTag tag = new("ogong/conditioning/1");

    private readonly float[] conditional = [], unconditional = [];

    private Conditioning(int label) => Label = label;

    private Conditioning(int width, float[] conditional, float[] unconditional) =>
        (Width, this.conditional, this.unconditional) = (width, conditional, unconditional);

    /// <summary>The class; null where vectors are given.</summary>
    public int? Label { get; }

    /// <summary>Values per vector; 0 for a label.</summary>
    public int Width { get; }

    /// <summary>Vectors per sequence; 0 for a label.</summary>
    public int Tokens => Width == 0 ? 0 : conditional.Length / Width;

    /// <summary>Vectors of the conditional branch [tokens × width]; empty for a label.</summary>
    public ReadOnlyMemory<float> Conditional => conditional;

    /// <summary>Vectors of the unconditional branch [tokens × width]; empty for a label, and where none are given.</summary>
    public ReadOnlyMemory<float> Unconditional => unconditional;

    /// <summary>Conditioning on a class.</summary>
    /// <param name="label">Not negative.</param>
    public static Conditioning OfLabel(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        return new Conditioning(label);
    }

    /// <summary>Conditioning on vectors.</summary>
    /// <param name="width">Values per vector.</param>
    /// <param name="conditional">[tokens × width] finite values.</param>
    /// <param name="unconditional">As many for the unconditional branch; empty where no guidance is ordered.</param>
    /// <exception cref="ArgumentException">The sizes disagree or exceed a bound, or a value is not finite.</exception>
    public static Conditioning OfVectors(int width, ReadOnlySpan<float> conditional, ReadOnlySpan<float> unconditional = default)
    {
        if (width is < 1 or > MaxWidth || conditional.Length % width != 0 || !AreVectors(conditional.Length / width, width)
            || (!unconditional.IsEmpty && unconditional.Length != conditional.Length))
            throw new ArgumentException("A sequence has 1 to 4096 vectors of 1 to 65536 values, 2^24 in all, and both branches are equally long.", nameof(conditional));
        foreach (float value in conditional) ThrowIfNotFinite(value, nameof(conditional));
        foreach (float value in unconditional) ThrowIfNotFinite(value, nameof(unconditional));
        return new Conditioning(width, conditional.ToArray(), unconditional.ToArray());
    }

    /// <summary><c>H("ogong/conditioning/1", encoding)</c>: what an order binds.</summary>
    public Digest Hash() => tag.Hash(this.Encode());

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Label is { } label)
        {
            writer.UInt8(LabelKind);
            writer.Count(label);
            return;
        }
        writer.UInt8(VectorsKind);
        writer.Count(Tokens);
        writer.Count(Width);
        writer.Flag(unconditional.Length > 0);
        writer.Singles(conditional);
        writer.Singles(unconditional);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out Conditioning? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte kind, "conditioning kind")) return false;
        if (kind == LabelKind)
        {
            if (!reader.TryCount(0, int.MaxValue, out int label, "class label")) return false;
            value = new Conditioning(label);
            return true;
        }
        if (kind != VectorsKind) return reader.FailAt(DecodeError.OutOfRange, start, "conditioning kind");
        if (!reader.TryCount(1, MaxTokens, out int tokens, "conditioning tokens")
            || !reader.TryCount(1, MaxWidth, out int width, "conditioning width")
            || !reader.TryFlag(out bool both, "unconditional vectors"))
            return false;
        if (!AreVectors(tokens, width)) return reader.FailAt(DecodeError.TooLarge, start, "conditioning");
        float[] unconditional = [];
        if (!reader.TrySingles(tokens * width, out float[] conditional, "conditional vectors")
            || (both && !reader.TrySingles(tokens * width, out unconditional, "unconditional vectors")))
            return false;
        value = new Conditioning(width, conditional, unconditional);
        return true;
    }

    private static bool AreVectors(int tokens, int width) => tokens is >= 1 and <= MaxTokens && (long)tokens * width <= MaxValues;

    private static void ThrowIfNotFinite(float value, string parameter)
    {
        if (!float.IsFinite(value)) throw new ArgumentException("A value is not finite.", parameter);
    }
}
