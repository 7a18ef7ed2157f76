using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Models;

/// <summary>
/// The canonical bytes of a <see cref="ModelConfig"/>, which the config leaf of <c>model_root</c> binds. All integers little-endian: <c>u8
/// architecture ‖ u32 hidden, layers, heads, kv heads, head dim, intermediate, vocabulary, max positions ‖ f32 epsilon ‖ f64 theta ‖ flag
/// scaling [f64 factor, low, high ‖ u32 original positions] ‖ u32 window (0: none) ‖ flag tied, attention bias, QK norm ‖ flag begin [u32
/// token] ‖ u8 n ‖ n × u32 end tokens, ascending ‖ u8 tokenizer kind ‖ 32 bytes tokenizer digest (zero unless kind is file or GGUF)</c>.
/// </summary>
internal static class ModelConfigEncoding
{
    private const int MaxEndTokens = 64;

    public static byte[] Encode(ModelConfig config)
    {
        var writer = new ByteWriter();
        Write(writer, config);
        return writer.Written.ToArray();
    }

    public static void Write(ByteWriter writer, ModelConfig config)
    {
        writer.UInt8((byte)config.Architecture);
        foreach (int size in (int[])[config.HiddenSize, config.Layers, config.Heads, config.KvHeads, config.HeadDim, config.IntermediateSize, config.VocabularySize, config.MaxPositions])
            writer.Count(size);
        writer.Single(config.RmsNormEpsilon);
        writer.Double(config.RopeTheta);
        writer.Flag(config.RopeScaling is not null);
        if (config.RopeScaling is { } scaling)
        {
            writer.Double(scaling.Factor);
            writer.Double(scaling.LowFrequencyFactor);
            writer.Double(scaling.HighFrequencyFactor);
            writer.Count(scaling.OriginalMaxPositions);
        }
        writer.Count(config.SlidingWindow ?? 0);
        writer.Flag(config.TiedEmbeddings);
        writer.Flag(config.AttentionBias);
        writer.Flag(config.QkNorm);
        writer.Flag(config.BeginToken is not null);
        if (config.BeginToken is { } begin) writer.Count(begin);
        int[] ends = [.. config.EndTokens.Distinct().Order()];
        writer.UInt8((byte)ends.Length);
        foreach (int end in ends) writer.Count(end);
        writer.UInt8((byte)config.Tokenizer.Kind);
        writer.Digest(config.Tokenizer.Sha256);
    }

    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out ModelConfig? config)
    {
        config = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte architecture, "architecture")) return false;
        if (architecture is < (byte)ModelArchitecture.Llama or > (byte)ModelArchitecture.Qwen3)
            return reader.FailAt(DecodeError.OutOfRange, start, "architecture");
        if (!reader.TryCount(1, ModelLimits.HiddenSize, out int hidden, "hidden size")
            || !reader.TryCount(1, ModelLimits.Layers, out int layers, "layers")
            || !reader.TryCount(1, ModelLimits.Heads, out int heads, "heads")
            || !reader.TryCount(1, ModelLimits.Heads, out int kvHeads, "kv heads")
            || !reader.TryCount(2, ModelLimits.HeadDim, out int headDim, "head dim")
            || !reader.TryCount(1, ModelLimits.IntermediateSize, out int intermediate, "intermediate size")
            || !reader.TryCount(1, ModelLimits.VocabularySize, out int vocabulary, "vocabulary size")
            || !reader.TryCount(1, ModelLimits.MaxPositions, out int positions, "max positions")) return false;
        if (heads % kvHeads != 0 || headDim % 2 != 0) return reader.Fail(DecodeError.Inconsistent, "heads");
        if (!reader.TrySingle(out float epsilon, "epsilon") || !reader.TryDouble(1, 1e30, out double theta, "theta") || !TryScaling(ref reader, out Llama3RopeScaling? scaling))
            return false;
        if (!(epsilon is > 0 and <= 1)) return reader.Fail(DecodeError.OutOfRange, "epsilon");
        if (!reader.TryCount(0, ModelLimits.MaxPositions, out int window, "window")
            || !reader.TryFlag(out bool tied, "tied") || !reader.TryFlag(out bool bias, "attention bias") || !reader.TryFlag(out bool norm, "QK norm")
            || !TryToken(ref reader, vocabulary, out int? begin) || !TryEndTokens(ref reader, vocabulary, out int[] ends)
            || !TryTokenizer(ref reader, out TokenizerIdentity? tokenizer)) return false;
        config = new ModelConfig
        {
            Architecture = (ModelArchitecture)architecture,
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads,
            KvHeads = kvHeads,
            HeadDim = headDim,
            IntermediateSize = intermediate,
            VocabularySize = vocabulary,
            MaxPositions = positions,
            RmsNormEpsilon = epsilon,
            RopeTheta = theta,
            RopeScaling = scaling,
            SlidingWindow = window == 0 ? null : window,
            TiedEmbeddings = tied,
            AttentionBias = bias,
            QkNorm = norm,
            BeginToken = begin,
            EndTokens = ends,
            Tokenizer = tokenizer,
        };
        return true;
    }

    private static bool TryScaling(ref ByteReader reader, out Llama3RopeScaling? scaling)
    {
        scaling = null;
        if (!reader.TryFlag(out bool present, "rope scaling")) return false;
        if (!present) return true;
        if (!reader.TryDouble(1, 1e6, out double factor, "rope factor") || !reader.TryDouble(1e-6, 1e6, out double low, "low frequency factor")
            || !reader.TryDouble(1e-6, 1e6, out double high, "high frequency factor") || !reader.TryCount(1, ModelLimits.MaxPositions, out int original, "original positions")) return false;
        if (high <= low) return reader.Fail(DecodeError.Inconsistent, "high frequency factor");
        scaling = new Llama3RopeScaling(factor, low, high, original);
        return true;
    }

    private static bool TryToken(ref ByteReader reader, int vocabulary, out int? token)
    {
        token = null;
        if (!reader.TryFlag(out bool present, "begin token")) return false;
        if (!present) return true;
        bool ok = reader.TryCount(0, vocabulary - 1, out int value, "begin token");
        token = value;
        return ok;
    }

    private static bool TryEndTokens(ref ByteReader reader, int vocabulary, out int[] tokens)
    {
        tokens = [];
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte count, "end tokens")) return false;
        if (count > MaxEndTokens) return reader.FailAt(DecodeError.TooLarge, start, "end tokens");
        tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            start = reader.Offset;
            if (!reader.TryCount(0, vocabulary - 1, out tokens[i], "end token")) return false;
            if (i > 0 && tokens[i] <= tokens[i - 1]) return reader.FailAt(DecodeError.NotCanonical, start, "end token");
        }
        return true;
    }

    private static bool TryTokenizer(ref ByteReader reader, [NotNullWhen(true)] out TokenizerIdentity? tokenizer)
    {
        tokenizer = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte kind, "tokenizer kind")) return false;
        if (kind > (byte)TokenizerKind.Gguf) return reader.FailAt(DecodeError.OutOfRange, start, "tokenizer kind");
        start = reader.Offset;
        if (!reader.TryDigest(out Digest digest, "tokenizer digest")) return false;
        if (kind < (byte)TokenizerKind.File && !digest.IsZero) return reader.FailAt(DecodeError.NotCanonical, start, "tokenizer digest");
        tokenizer = new TokenizerIdentity((TokenizerKind)kind, digest);
        return true;
    }
}
