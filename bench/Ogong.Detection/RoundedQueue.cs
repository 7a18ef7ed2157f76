using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Detection;

/// <summary>Hands every operation of a text model to a host queue and rounds what comes out.</summary>
internal sealed unsafe class RoundedQueue(ComputeQueue inner, Rounding rounding) : ComputeQueue
{
    public override ValueTask CompleteAsync(CancellationToken cancellationToken = default) => inner.CompleteAsync(cancellationToken);

    protected override void Dispose(bool disposing) => inner.Dispose();

    protected override void WriteCore(ReadOnlySpan<byte> source, DeviceBuffer destination, long byteOffset) => inner.Write(source, destination, byteOffset);

    protected override void ReadCore<T>(DeviceBuffer source, Memory<T> destination, long byteOffset) => inner.Read(source, destination, byteOffset);

    protected override void EmbedCore(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows) => inner.Embed(table, tokens, y, rows);

    protected override void RmsNormCore(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        inner.RmsNorm(x, weight, epsilon, y, rows, columns);
        Round(y, (long)rows * columns);
    }

    protected override void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode)
    {
        inner.Linear(x, w, bias, y, rows, mode);
        Round(y, (long)rows * w.Rows);
    }

    protected override void RopeCore(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim)
    {
        inner.Rope(x, table, batch, rows, heads, headDim);
        Round(x, (long)rows * heads * headDim);
    }

    protected override void AppendKvCore(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows)
    {
        if (rounding == Rounding.EightBitCache)
        {
            EightBits(k, rows * cache.Shape.KvHeads, cache.Shape.HeadDim);
            EightBits(v, rows * cache.Shape.KvHeads, cache.Shape.HeadDim);
        }
        inner.AppendKv(cache, layer, k, v, batch, rows);
    }

    protected override void AttentionCore(KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode)
    {
        inner.Attention(cache, layer, q, y, batch, rows, heads, window, mode);
        Round(y, (long)rows * heads * cache.Shape.HeadDim);
    }

    protected override void GatedActivationCore(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count)
    {
        inner.GatedActivation(gate, up, y, count);
        Round(y, count);
    }

    protected override void ResidualCore(DeviceBuffer x, DeviceBuffer y, long count)
    {
        inner.Residual(x, y, count);
        Round(x, count);
    }

    protected override void GatherRowsCore(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns) => inner.GatherRows(x, indices, y, rows, columns);

    protected override void SrpProjectCore(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions) =>
        inner.SrpProject(h, bankSeed, y, rows, columns, directions);

    protected override void LogprobDigestCore(DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets, DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k) =>
        inner.LogprobDigest(logits, ids, logprobs, targets, targetLogprobs, rows, vocabulary, k);

    protected override void SampleCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary) =>
        inner.Sample(logits, parameters, tokens, rows, vocabulary);

    protected override void SampleMarginCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins, int rows, int vocabulary) =>
        inner.SampleMargin(logits, parameters, claimed, margins, rows, vocabulary);

    protected override void LayerNormCore(DeviceBuffer x, DeviceBuffer? weight, DeviceBuffer? bias, float epsilon, DeviceBuffer y, int rows, int columns) => throw NotText();

    protected override void ModulateCore(DeviceBuffer x, SampleParameters parameters, int shift, int scale, float epsilon, DeviceBuffer y, int rows, int columns) => throw NotText();

    protected override void GatedResidualCore(DeviceBuffer x, DeviceBuffer y, SampleParameters parameters, int gate, int rows, int columns) => throw NotText();

    protected override void GeluCore(DeviceBuffer x, DeviceBuffer y, long count) => throw NotText();

    protected override void SiluCore(DeviceBuffer x, DeviceBuffer y, long count) => throw NotText();

    protected override void BidirectionalAttentionCore(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer? keyCounts, DeviceBuffer y, AttentionShape shape) => throw NotText();

    protected override void DenoiseInputCore(DeviceBuffer x, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, int branches) => throw NotText();

    protected override void DenoiseStepCore(DeviceBuffer x, DeviceBuffer output, DeviceBuffer? noise, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, bool guided) => throw NotText();

    protected override void LatentDistanceCore(DeviceBuffer x, DeviceBuffer reference, DeviceBuffer y, int samples, int count) => throw NotText();

    private static NotSupportedException NotText() => new("Only text models are studied here.");

    private void Round(DeviceBuffer buffer, long count)
    {
        if (rounding == Rounding.EightBitCache) return;
        foreach (ref float value in new Span<float>(HostBuffer.From(buffer).Floats, checked((int)count)))
            value = rounding == Rounding.Float16 ? Float16Format.Widen(Float16Format.Round(value)) : BFloat16Format.Widen(BFloat16Format.Round(value));
    }

    private static void EightBits(DeviceBuffer buffer, int vectors, int length)
    {
        var all = new Span<float>(HostBuffer.From(buffer).Floats, vectors * length);
        for (int i = 0; i < vectors; i++) RoundedTensor.ToGrid(all.Slice(i * length, length));
    }
}
