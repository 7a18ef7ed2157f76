using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cpu;

/// <summary>What the operation suite cannot reach on a processor without AVX-VNNI, and the ends of what 16-bit sums hold.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class IntegerLayoutTests
{
    private static readonly ElementType[] s_types = [ElementType.I8_256, ElementType.Q8_0, ElementType.Q4_0, ElementType.Q4_K, ElementType.Q6_K];

    [Test]
    public async Task Four_bytes_a_lane_give_the_bits_of_the_reference([ValueSource(nameof(s_types))] ElementType type, [Values(1, 2, 5, 6, 13)] int rows)
    {
        if (!VectorWidth.IsSupported(256)) Assert.Ignore("This processor has no AVX2.");
        var inputs = new Inputs((100 * (int)type) + rows);
        int columns = type == ElementType.I8_256 ? 523 : type.BlockElements() == 32 ? 544 : 512;
        Tensor tensor = inputs.BlockTensor(type, 70, columns, tame: true);
        float[] x = inputs.Tame(rows * columns), expected = await ReferenceAsync(tensor, x, rows);
        using var weight = new CpuWeight(tensor, 1);
        float[] y = type switch
        {
            ElementType.I8_256 => Run<PanelI8_256>(weight, x, rows),
            ElementType.Q8_0 => Run<PanelQ8_0>(weight, x, rows),
            ElementType.Q4_0 => Run<PanelQ4_0>(weight, x, rows),
            ElementType.Q4_K => Run<PanelQ4K>(weight, x, rows),
            _ => Run<PanelQ6K>(weight, x, rows),
        };
        Assert.That(MemoryMarshal.AsBytes<float>(y).SequenceEqual(MemoryMarshal.AsBytes<float>(expected)));
    }

    [Test]
    public async Task The_largest_products_of_either_sign_stay_exact(
        [ValueSource(nameof(s_types))] ElementType type, [Values(0x00, 0xFF, 0x80, 0x7F)] int quants, [Values(1, -1)] int first, [Values(1, -1)] int second)
    {
        const int Rows = 3, Columns = 512;
        byte[] stored = new byte[40 * type.RowBytes(Columns)];
        for (Span<byte> block = stored; !block.IsEmpty; block = block[type.BlockBytes()..])
        {
            block[..type.BlockBytes()].Fill((byte)quants);
            if (type == ElementType.I8_256) BitConverter.TryWriteBytes(block, 0.25f);
            else if (type != ElementType.Q6_K) BitConverter.TryWriteBytes(block, (Half)0.25f);
            if (type == ElementType.Q4_K)
            {
                BitConverter.TryWriteBytes(block[2..], (Half)0.5f);
                block[4..16].Fill(0xFF); // scales and minima of 63
            }
            if (type == ElementType.Q6_K)
            {
                BitConverter.TryWriteBytes(block[208..], (Half)0.25f);
                block[192..208].Fill(0x80); // scales of −128
            }
        }
        float[] x = [.. Enumerable.Range(0, Rows * Columns).Select(i => i / 2 % 2 == 0 ? first * 127f : second * 127f)];
        var tensor = new Tensor("w", type, 40, Columns, stored);
        float[] expected = await ReferenceAsync(tensor, x, Rows);
        foreach (int bits in new[] { 512, 256, 128, 32 }.Where(VectorWidth.IsSupported))
        {
            using var backend = new CpuBackend(new CpuOptions { Threads = 1, VectorBits = bits });
            float[] y = await Oracle.RunAsync(backend, Rows * 40, (step, y) => step.Queue.Linear(step.Upload(x), step.Load(tensor), null, y, Rows, NumericMode.Exact));
            Assert.That(MemoryMarshal.AsBytes<float>(y).SequenceEqual(MemoryMarshal.AsBytes<float>(expected)), $"{bits} bits");
        }
    }

    private static async Task<float[]> ReferenceAsync(Tensor w, float[] x, int rows)
    {
        using var reference = new ReferenceBackend();
        return await Oracle.RunAsync(reference, rows * w.Rows, (step, y) => step.Queue.Linear(step.Upload(x), step.Load(w), null, y, rows, NumericMode.Exact));
    }

    private static unsafe float[] Run<TPanel>(CpuWeight w, float[] x, int rows) where TPanel : IIntegerPanel
    {
        int nonFinite = 0;
        var tiles = new RowTiles(rows, 6);
        int[] packed = new int[rows * QuantizeActivations.Chunks(w.Columns) * QuantizeActivations.MostWords];
        float[] y = new float[rows * w.Rows];
        fixed (float* from = x, to = y)
        fixed (int* words = packed)
        {
            var quantize = new QuantizeActivations { X = from, Packed = words, Columns = w.Columns, Tiles = tiles, Offset = TPanel.Offset, FitsHalves = TPanel.FitsHalves, TaskChunks = 1 };
            for (int task = 0; task < quantize.Tasks; task++) quantize.Execute<QuadDotSimd, Vector256<float>>(task);
            var job = new LinearJob<IntegerTile<TPanel>>
            {
                Weights = w.Pointer, PanelBytes = w.PanelBytes, X = (float*)words, Y = to, Columns = w.Columns, Outputs = w.Rows, Tiles = tiles,
                TaskTiles = 1, TaskPanels = 2, BlockPanels = 1, NonFinite = &nonFinite,
            };
            for (int task = 0; task < job.Tasks; task++) job.Execute<QuadDotSimd, Vector256<float>>(task);
        }
        return y;
    }
}
