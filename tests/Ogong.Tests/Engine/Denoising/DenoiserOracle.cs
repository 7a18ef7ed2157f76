using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>
/// The diffusion transformer in binary64, token by token, from its textbook formulas: no port, no tables, none of the engine's code. Knows any number of axes and cross-attention, which the golden
/// file does not have.
/// </summary>
internal sealed class DenoiserOracle(IDenoiserWeights weights)
{
    private readonly DenoiserConfig _c = weights.Config;

    /// <summary>What the model predicts for one latent.</summary>
    /// <param name="latent">[channels, axes…]</param>
    /// <param name="timestep">Timestep.</param>
    /// <param name="label">Class, or null for a model with vectors.</param>
    /// <param name="context">[vectors × width]</param>
    public double[] Forward(float[] latent, double timestep, int? label, double[][] context)
    {
        int[] grid = [.. _c.Grid], sizes = [.. _c.Shape.Sizes], patch = [.. _c.Patch];
        double[][] x = [.. Coordinates(grid).Select(token => Add(Linear("pos_embed.proj", Patch(latent, token, patch, sizes)), Position(token)))];
        for (int layer = 0; layer < _c.Layers; layer++) Block($"transformer_blocks.{layer}", x, timestep, label, context);

        double[] m = Linear("proj_out_1", Silu(Embedding("transformer_blocks.0", timestep, label)));
        double[] output = new double[latent.Length];
        foreach ((int[] token, int t) in Coordinates(grid).Select((token, t) => (token, t)))
        {
            double[] values = Linear("proj_out_2", Modulate(x[t], m, 0, 1, 1e-6));
            foreach ((int[] inner, int p) in Coordinates(patch).Select((inner, p) => (inner, p)))
                for (int channel = 0; channel < _c.Shape.Channels; channel++)
                    output[Index(channel, token, inner, patch, sizes)] = values[(p * _c.OutputChannels) + channel];
        }
        return output;
    }

    private void Block(string name, double[][] x, double timestep, int? label, double[][] context)
    {
        double[] m = Linear($"{name}.norm1.linear", Silu(Embedding(name, timestep, label)));
        double[][] normed = [.. x.Select(row => Modulate(row, m, 0, 1, 1e-6))];
        double[][] attended = Attention($"{name}.attn1", normed, normed);
        for (int t = 0; t < x.Length; t++) Gate(x[t], attended[t], m, 2);
        if (_c.HasContext)
        {
            attended = Attention($"{name}.attn2", [.. x.Select(row => Norm(row, _c.NormEpsilon))], context);
            for (int t = 0; t < x.Length; t++) x[t] = Add(x[t], attended[t]);
        }
        for (int t = 0; t < x.Length; t++)
        {
            double[] up = Linear($"{name}.ff.net.0.proj", Modulate(x[t], m, 3, 4, _c.NormEpsilon));
            double[] gelu = [.. up.Select(v => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))))];
            Gate(x[t], Linear($"{name}.ff.net.2", gelu), m, 5);
        }
    }

    private double[] Embedding(string name, double timestep, int? label)
    {
        double[] sinusoid = new double[256];
        for (int i = 0; i < 128; i++)
        {
            double angle = timestep * Math.Pow(10000, -i / 127.0);
            (sinusoid[i], sinusoid[128 + i]) = (Math.Cos(angle), Math.Sin(angle));
        }
        double[] vector = Linear($"{name}.norm1.emb.timestep_embedder.linear_2", Silu(Linear($"{name}.norm1.emb.timestep_embedder.linear_1", sinusoid)));
        return label is { } row ? Add(vector, Matrix($"{name}.norm1.emb.class_embedder.embedding_table.weight")[row]) : vector;
    }

    private double[][] Attention(string name, double[][] queries, double[][] source)
    {
        double[][] q = [.. queries.Select(row => Linear($"{name}.to_q", row))], k = [.. source.Select(row => Linear($"{name}.to_k", row))], v = [.. source.Select(row => Linear($"{name}.to_v", row))];
        return [.. q.Select(query => Linear($"{name}.to_out.0", [.. Enumerable.Range(0, _c.Heads).SelectMany(head => Head(query, head))]))];

        double[] Head(double[] query, int head)
        {
            double[] weight = [.. k.Select(key => Math.Exp(Enumerable.Range(head * _c.HeadDim, _c.HeadDim).Sum(d => query[d] * key[d]) / Math.Sqrt(_c.HeadDim)))];
            return [.. Enumerable.Range(head * _c.HeadDim, _c.HeadDim).Select(d => weight.Zip(v, (w, row) => w * row[d]).Sum() / weight.Sum())];
        }
    }

    // Rank 1: the place in all of the width. Rank 2: column, then row, half each. Rank 3: frame in a quarter, column and row in three eighths each.
    private double[] Position(int[] token)
    {
        int w = _c.Width;
        return token.Length switch
        {
            1 => Sinusoid(token[0], w),
            2 => [.. Sinusoid(token[1], w / 2), .. Sinusoid(token[0], w / 2)],
            _ => [.. Sinusoid(token[0], w / 4), .. Sinusoid(token[2], 3 * w / 8), .. Sinusoid(token[1], 3 * w / 8)],
        };

        static double[] Sinusoid(int place, int width)
        {
            double[] angles = [.. Enumerable.Range(0, width / 2).Select(j => place * Math.Pow(10000, -2.0 * j / width))];
            return [.. angles.Select(Math.Sin), .. angles.Select(Math.Cos)];
        }
    }

    private double[] Patch(float[] latent, int[] token, int[] patch, int[] sizes) =>
        [.. from channel in Enumerable.Range(0, _c.Shape.Channels) from inner in Coordinates(patch) select (double)latent[Index(channel, token, inner, patch, sizes)]];

    private static int Index(int channel, int[] token, int[] inner, int[] patch, int[] sizes)
    {
        int index = channel;
        for (int axis = 0; axis < sizes.Length; axis++) index = (index * sizes[axis]) + (token[axis] * patch[axis]) + inner[axis];
        return index;
    }

    private static IEnumerable<int[]> Coordinates(int[] sizes) => sizes.Aggregate<int, IEnumerable<int[]>>([[]], (all, size) => all.SelectMany(head => Enumerable.Range(0, size).Select(i => (int[])[.. head, i])));

    private double[] Modulate(double[] x, double[] m, int shift, int scale, double epsilon) =>
        [.. Norm(x, epsilon).Select((v, i) => (v * (1 + m[(scale * _c.Width) + i])) + m[(shift * _c.Width) + i])];

    private void Gate(double[] x, double[] y, double[] m, int gate)
    {
        for (int i = 0; i < x.Length; i++) x[i] += m[(gate * _c.Width) + i] * y[i];
    }

    private static double[] Norm(double[] x, double epsilon)
    {
        double mean = x.Average(), variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select(v => (v - mean) / Math.Sqrt(variance + epsilon))];
    }

    private static double[] Silu(double[] x) => [.. x.Select(v => v / (1 + Math.Exp(-v)))];

    private static double[] Add(double[] x, double[] y) => [.. x.Zip(y, (a, b) => a + b)];

    private double[] Linear(string name, double[] x)
    {
        double[]? bias = weights.Contains($"{name}.bias") ? Matrix($"{name}.bias")[0] : null;
        return [.. Matrix($"{name}.weight").Select((row, i) => row.Zip(x, (a, b) => a * b).Sum() + (bias?[i] ?? 0))];
    }

    private double[][] Matrix(string name)
    {
        if (_matrices.TryGetValue(name, out double[][]? known)) return known;
        ITensorSource tensor = weights.Tensor(name);
        ReadOnlySpan<byte> bytes = tensor.ReadRows(0, tensor.Rows);
        double[] values = tensor.Type == ElementType.F32
            ? [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(v => (double)v)]
            : [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(v => (double)v)];
        return _matrices[name] = [.. values.Chunk(tensor.Columns)];
    }

    private readonly Dictionary<string, double[][]> _matrices = [];
}
