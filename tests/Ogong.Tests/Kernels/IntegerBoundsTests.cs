using System.Runtime.InteropServices;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels;

/// <summary>Integer weights where sums are as large as they can be, which a backend that sums in binary32 must still hold exactly; and more rows than any tile has, at every kind of width.</summary>
[TestFixtureSource(typeof(BackendCase), nameof(BackendCase.All))]
internal sealed class IntegerBoundsTests(BackendCase backend)
{
    private IBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = backend.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public Task The_largest_sums_are_exact([BlockTypes] ElementType type)
    {
        const int Rows = 3, Columns = 512, Outputs = 40;
        var random = new Random((int)type);
        byte[] stored = new byte[Outputs * type.RowBytes(Columns)];
        for (Span<byte> left = stored; !left.IsEmpty; left = left[type.BlockBytes()..]) Extreme(type, left[..type.BlockBytes()], random);
        float[] x = [.. Enumerable.Range(0, Rows * Columns).Select(i => i % 256 == 0 ? 127f : random.Next(126, 128))];
        return CheckAsync(new Tensor("w", type, Outputs, Columns, stored), x, Rows);
    }

    [Test]
    public async Task Many_rows_have_the_bits_of_the_reference_at_every_width([BlockTypes] ElementType type)
    {
        var inputs = new Inputs((int)type);
        int[] widths = type == ElementType.I8_256 ? [1, 2, 3, 255, 256, 257, 519, 773] : type.BlockElements() == 32 ? [32, 224, 288, 800] : [256, 1280];
        foreach (int columns in widths)
            await CheckAsync(inputs.BlockTensor(type, inputs.Between(33, 100), columns, tame: true), inputs.Tame(45 * columns), 45);
    }

    private async Task CheckAsync(Tensor w, float[] x, int rows)
    {
        using var reference = new ReferenceBackend();
        float[] expected = await RunAsync(reference), y = await RunAsync(_backend);
        Assert.That(MemoryMarshal.AsBytes(y.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(expected.AsSpan())), $"{rows} × {w.Columns} × {w.Rows}");

        Task<float[]> RunAsync(IBackend device) =>
            Oracle.RunAsync(device, rows * w.Rows, (step, y) => step.Queue.Linear(step.Upload(x), step.Load(w), null, y, rows, NumericMode.Exact));
    }

    /// <summary>A block of scale 1 whose integers, and their scales, are at random the largest in magnitude or the next smaller: all of one sign, so that sums grow, and odd ones among them, so that rounding shows.</summary>
    private static void Extreme(ElementType type, Span<byte> block, Random random)
    {
        const ushort One = 0x3C00;
        (byte lowest, byte steps) = type switch
        {
            ElementType.Q4_0 or ElementType.Q6_K => ((byte)0x00, (byte)0x11),
            ElementType.Q4_K => ((byte)0xEE, (byte)0x11),
            _ => ((byte)0x80, (byte)0x01),
        };
        foreach (ref byte quants in block) quants = (byte)(lowest + (steps & random.Next(256)));
        switch (type)
        {
            case ElementType.I8_256:
                BitConverter.TryWriteBytes(block, 1f);
                break;
            case ElementType.Q4_K:
                foreach (ref byte scale in block[4..16]) scale = (byte)(0xFE + random.Next(2));
                BitConverter.TryWriteBytes(block, One);
                BitConverter.TryWriteBytes(block[2..], One);
                break;
            case ElementType.Q6_K:
                block[128..192].Clear();
                foreach (ref byte scale in block[192..208]) scale = (byte)(0x80 + random.Next(2));
                BitConverter.TryWriteBytes(block[208..], One);
                break;
            default:
                BitConverter.TryWriteBytes(block, One);
                break;
        }
    }
}
