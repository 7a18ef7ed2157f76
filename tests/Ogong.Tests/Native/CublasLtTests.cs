using NUnit.Framework;
using Ogong.Native.Cublas;
using Ogong.Native.Cuda;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.Native;

/// <summary>Matrix multiplication through the bindings, on the emulated library.</summary>
[NonParallelizable]
internal sealed class CublasLtTests : CudaFixture
{
    private CublasLtHandle _handle = null!;

    [OneTimeSetUp]
    public void Create()
    {
        Assert.That(CublasLtHandle.TryCreate(Stream, out var handle, out string? reason, workspaceBytes: 1 << 16), Is.True, reason);
        _handle = handle!;
    }

    [OneTimeTearDown]
    public void Release()
    {
        _handle?.Dispose();
        _handle?.Dispose();
    }

    [TestCase(MatmulType.F32, 1, 8, 16)]
    [TestCase(MatmulType.F16, 3, 5, 7)]
    [TestCase(MatmulType.BF16, 33, 20, 24)]
    public void Rows_are_multiplied_by_rows(MatmulType type, int rows, int outputs, int columns)
    {
        // Small integers: sums are exact in any order and any of the types.
        float[] x = [.. Enumerable.Range(0, rows * columns).Select(i => (float)(((i * 7) % 11) - 5))];
        float[] w = [.. Enumerable.Range(0, outputs * columns).Select(i => (float)(((i * 5) % 13) - 6))];
        using var dx = Upload(type, x);
        using var dw = Upload(type, w);
        using var dy = Context.Allocate(rows * outputs * 4);
        float[] y = new float[rows * outputs];
        for (int turn = 0; turn < 2; turn++)
        {
            Stream.Fill(dy, 0xFFFFFFFFu);
            _handle.Multiply(type, rows, outputs, columns, dx, dw, dy);
            Stream.Read<float>(dy, y);
            for (int r = 0; r < rows; r++)
                for (int n = 0; n < outputs; n++)
                    Assert.That(y[(r * outputs) + n], Is.EqualTo(Enumerable.Range(0, columns).Sum(k => x[(r * columns) + k] * w[(n * columns) + k])));
        }
    }

    [TestCase(5, 8, 300)]
    [TestCase(33, 20, 24)]
    public void Rows_of_bytes_are_multiplied_in_integers(int rows, int outputs, int columns)
    {
        sbyte[] x = [.. Enumerable.Range(0, rows * columns).Select(i => (sbyte)((i * 37 % 255) - 127))];
        sbyte[] w = [.. Enumerable.Range(0, outputs * columns).Select(i => (sbyte)((i * 101 % 256) - 128))];
        using var dx = Context.Allocate(x.Length);
        using var dw = Context.Allocate(w.Length);
        using var dy = Context.Allocate(rows * outputs * 4);
        int[] y = new int[rows * outputs];
        Stream.Write<sbyte>(dx, x);
        Stream.Write<sbyte>(dw, w);
        _handle.Multiply(MatmulType.S8, rows, outputs, columns, dx, dw, dy);
        Stream.Read<int>(dy, y);
        Stream.Synchronize();
        for (int r = 0; r < rows; r++)
            for (int n = 0; n < outputs; n++)
                Assert.That(y[(r * outputs) + n], Is.EqualTo(Enumerable.Range(0, columns).Sum(k => x[(r * columns) + k] * w[(n * columns) + k])));
    }

    [Test]
    public void Bytes_are_multiplied_in_whole_words()
    {
        using var memory = Context.Allocate(4096);
        var e = Assert.Throws<CublasException>(() => _handle.Multiply(MatmulType.S8, 4, 4, 7, memory, memory, memory.Slice(2048, 2048)))!;
        Assert.That(e.Name, Is.EqualTo("CUBLAS_STATUS_NOT_SUPPORTED"));
    }

    [Test]
    public void Shapes_and_ranges_are_checked()
    {
        using var memory = Context.Allocate(64);
        Assert.That(() => _handle.Multiply(MatmulType.BF16, 0, 1, 1, memory, memory, memory), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _handle.Multiply(MatmulType.BF16, 1, 1, 33, memory, memory, memory), Throws.ArgumentException.With.Message.Contains("66"));
        Assert.That(() => _handle.Multiply(MatmulType.BF16, 1, 17, 1, memory, memory, memory), Throws.ArgumentException.With.Message.Contains("68"));
        Assert.That(() => _handle.Multiply((MatmulType)9, 1, 1, 1, memory, memory, memory), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(_handle.Version.Major, Is.InRange(11, 20));
    }

    [TestCase("cublasLtMatmulDescCreate", 101)]
    [TestCase("cublasLtMatrixLayoutCreate", 102)]
    [TestCase("cublasLtMatmulDescSetAttribute", 103)]
    [TestCase("cublasLtMatmulPreferenceCreate", 104)]
    [TestCase("cublasLtMatmulPreferenceSetAttribute", 105)]
    [TestCase("cublasLtMatmulAlgoGetHeuristic", 106)]
    [TestCase("cublasLtMatmul", 107)]
    public void A_failing_call_is_named(string call, int columns)
    {
        // Columns that no other test has, so that the shape is planned here.
        using var memory = Context.Allocate(4096);
        using (EmulatedCuda.Fail($"{call}:1=15"))
        {
            var e = Assert.Throws<CublasException>(() => _handle.Multiply(MatmulType.BF16, 2, 2, columns, memory, memory, memory.Slice(2048, 2048)))!;
            Assert.That((e.Call, e.Name, e.Code), Is.EqualTo((call, "CUBLAS_STATUS_NOT_SUPPORTED", 15)));
        }

        _handle.Multiply(MatmulType.BF16, 2, 2, columns, memory, memory, memory.Slice(2048, 2048));
        Stream.Synchronize();
    }

    [Test]
    public void A_failed_creation_leaves_nothing()
    {
        using (EmulatedCuda.Fail("cublasLtCreate:1=1"))
            Assert.That(() => CublasLtHandle.TryCreate(Stream, out _, out _), Throws.InstanceOf<CublasException>().With.Property("Call").EqualTo("cublasLtCreate"));
        Assert.That(() => CublasLtHandle.TryCreate(Stream, out _, out _, Context.Device.TotalMemory + 1), Throws.InstanceOf<CudaException>());
    }

    private DeviceMemory Upload(MatmulType type, float[] values)
    {
        var memory = Context.Allocate(values.Length * 4);
        if (type == MatmulType.F32)
            Stream.Write<float>(memory, values);
        else
            Stream.Write<ushort>(memory, [.. values.Select(v => type == MatmulType.F16 ? BitConverter.HalfToUInt16Bits((Half)v) : (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16))]);
        return memory;
    }
}
