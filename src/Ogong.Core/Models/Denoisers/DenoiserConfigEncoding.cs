using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Diffusion;

namespace Ogong.Models;

/// <summary>
/// The canonical bytes of a <see cref="DenoiserConfig"/>, which the config leaf of its <c>model_root</c> binds: <c>u8 architecture (DiT 1) ‖ u32 heads, head dim, layers ‖ latent shape ‖ one u32
/// per axis: patch ‖ u32 output channels, classes, context width ‖ flag attention bias ‖ f32 epsilon ‖ flag labels [name]</c>.
/// </summary>
internal static class DenoiserConfigEncoding
{
    private const byte Dit = 1;

    public static void Write(ByteWriter writer, DenoiserConfig config)
    {
        writer.UInt8(Dit);
        writer.Count(config.Heads);
        writer.Count(config.HeadDim);
        writer.Count(config.Layers);
        config.Shape.Write(writer);
        foreach (int size in config.Patch) writer.Count(size);
        writer.Count(config.OutputChannels);
        writer.Count(config.Classes);
        writer.Count(config.ContextWidth);
        writer.Flag(config.AttentionBias);
        writer.Single(config.NormEpsilon);
        writer.Flag(config.ClassLabels.Length > 0);
        if (config.ClassLabels.Length > 0) writer.Name(config.ClassLabels);
    }

    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out DenoiserConfig? config)
    {
        config = null;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte architecture, "architecture")) return false;
        if (architecture != Dit) return reader.FailAt(DecodeError.OutOfRange, start, "architecture");
        if (!reader.TryCount(1, ModelLimits.Heads, out int heads, "heads")
            || !reader.TryCount(1, ModelLimits.HeadDim, out int headDim, "head dim")
            || !reader.TryCount(1, ModelLimits.Layers, out int layers, "layers")
            || !LatentShape.TryRead(ref reader, out LatentShape? shape)
            || !TryPatch(ref reader, shape.Rank, out ImmutableArray<int> patch)
            || !reader.TryCount(1, 2 * LatentShape.MaxChannels, out int outputChannels, "output channels")
            || !reader.TryCount(0, int.MaxValue, out int classes, "classes")
            || !reader.TryCount(0, Conditioning.MaxWidth, out int contextWidth, "context width")
            || !reader.TryFlag(out bool bias, "attention bias") || !TryEpsilon(ref reader, out float epsilon) || !TryLabels(ref reader, out string labels)) return false;
        var read = new DenoiserConfig
        {
            Heads = heads,
            HeadDim = headDim,
            Layers = layers,
            Shape = shape,
            Patch = patch,
            OutputChannels = outputChannels,
            Classes = classes,
            ContextWidth = contextWidth,
            AttentionBias = bias,
            NormEpsilon = epsilon,
            ClassLabels = labels,
        };
        if (read.Check() is not null) return reader.FailAt(DecodeError.Inconsistent, start, "denoiser config");
        config = read;
        return true;
    }

    private static bool TryPatch(ref ByteReader reader, int rank, out ImmutableArray<int> patch)
    {
        patch = [];
        Span<int> sizes = stackalloc int[rank];
        foreach (ref int size in sizes)
            if (!reader.TryCount(1, LatentShape.MaxSize, out size, "patch size")) return false;
        patch = [.. sizes];
        return true;
    }

    private static bool TryEpsilon(ref ByteReader reader, out float epsilon)
    {
        int start = reader.Offset;
        return reader.TrySingle(out epsilon, "epsilon") && (epsilon is > 0 and <= 1 || reader.FailAt(DecodeError.OutOfRange, start, "epsilon"));
    }

    private static bool TryLabels(ref ByteReader reader, out string labels)
    {
        labels = "";
        return reader.TryFlag(out bool present, "class labels") && (!present || reader.TryName(out labels, "class labels"));
    }
}
