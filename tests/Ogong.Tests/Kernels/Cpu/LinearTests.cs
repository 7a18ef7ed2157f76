using System.Runtime.InteropServices;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Reference;
using Ogong.Numerics;

namespace Ogong.Tests.Kernels.Cpu;

/// <summary>Linear and Embed of the CPU backend against the definition, bit for bit, for every width, tile size, panel overhang, thread count and weight type.</summary>
[TestFixture]
internal sealed class LinearTests
{
    private static IEnumerable<int> Widths() => new[] { 512, 256, 128, 32 }.Where(VectorWidth.IsSupported);

    [Test]
    public async Task Linear_equals_the_chunked_dot_product(
        [ValueSource(nameof(Widths))] int bits, [PlainTypes] ElementType type, [Values] NumericMode mode)
    {
        var random = new Random(bits + (int)type);
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 + random.Next(3), VectorBits = bits });
        using ComputeQueue queue = backend.CreateQueue();
        int[] rowCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 25, 40];
        foreach (int rows in rowCounts)
        {
            int outputs = 1 + random.Next(80), columns = 1 + random.Next(600);
            var w = new RandomTensor(type, outputs, columns, random);
            await CheckAsync(backend, queue, w, RandomTensor.Values(rows * columns, random), random.Next(2) == 0 ? null : RandomTensor.Values(outputs, random), rows, mode);
        }
    }

    [Test]
    public async Task Many_panels_passes_and_chunks_of_integers_give_the_bits_of_the_reference(
        [Values(1, 3)] int threads, [Values(ElementType.I8_256, ElementType.Q8_0, ElementType.Q4_0, ElementType.Q4_K, ElementType.Q6_K)] ElementType type)
    {
        var inputs = new Inputs(7);
        int outputs = (17 * 32) + 5, columns = type == ElementType.I8_256 ? 521 : type.BlockElements() == 32 ? 288 : 512;
        Tensor w = inputs.BlockTensor(type, outputs, columns, tame: true);
        float[] x = inputs.Tame(401 * columns);
        using var reference = new ReferenceBackend();
        float[] expected = await Oracle.RunAsync(reference, 401 * outputs, (step, y) => step.Queue.Linear(step.Upload(x), step.Load(w), null, y, 401, NumericMode.Exact));
        using var backend = new CpuBackend(new CpuOptions { Threads = threads });
        foreach (int rows in (int[])[1, 30, 401])
        {
            float[] y = await Oracle.RunAsync(backend, rows * outputs, (step, y) => step.Queue.Linear(step.Upload(x[..(rows * columns)]), step.Load(w), null, y, rows, NumericMode.Exact));
            Assert.That(MemoryMarshal.AsBytes(y.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(expected.AsSpan(0, y.Length))), $"{rows} rows");
        }
    }

    [Test]
    public async Task Many_panels_passes_and_chunks_give_the_same_bits([Values(1, 2, 3)] int threads)
    {
        var random = new Random(7);
        using var backend = new CpuBackend(new CpuOptions { Threads = threads });
        using ComputeQueue queue = backend.CreateQueue();
        var w = new RandomTensor(ElementType.BF16, 33 * 32 + 5, 257, random);
        foreach (int rows in (int[])[1, 30, 200, 401])
            await CheckAsync(backend, queue, w, RandomTensor.Values(rows * w.Columns, random), null, rows, NumericMode.Exact);
    }

    [Test]
    public async Task A_result_that_is_not_finite_is_reported_with_tensor_row_and_column([Values(1, 14)] int rows)
    {
        using var backend = new CpuBackend();
        using ComputeQueue queue = backend.CreateQueue();
        float[] values = new float[35 * 300];
        values[(34 * 300) + 299] = 2f;
        using Weight weight = backend.LoadWeight(new RandomTensor("w", 35, 300, values));
        float[] x = new float[rows * 300];
        x[^1] = float.MaxValue;
        using DeviceBuffer input = backend.Allocate(4L * x.Length), output = backend.Allocate(4L * rows * 35);
        queue.Write<float>(x, input);
        queue.Scope = "model.layers.3";
        queue.Linear(input, weight, null, output, rows, NumericMode.Exact);
        NonFiniteException? fault = await Assert.ThrowsAsync<NonFiniteException>(async () => await queue.CompleteAsync());
        Assert.That((fault!.Tensor, fault.Row, fault.Column), Is.EqualTo(("model.layers.3.Linear(w)", rows - 1, 34)));
        await queue.CompleteAsync();
    }

    [Test]
    public void A_weight_that_is_not_finite_is_refused([PlainTypes] ElementType type, [Values(0, 40 * 50 - 1, 33 * 50 + 7)] int index)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        var tensor = new RandomTensor(type, 40, 50, new Random(3));
        tensor.MakeNaN(index);
        NonFiniteException? fault = Assert.Throws<NonFiniteException>(() => backend.LoadWeight(tensor).Dispose());
        Assert.That((fault!.Tensor, fault.Row, fault.Column), Is.EqualTo((tensor.Name, index / 50, index % 50)));
    }

    [Test]
    public async Task Embed_widens_the_rows_named([PlainTypes] ElementType type)
    {
        var random = new Random(11);
        using var backend = new CpuBackend();
        using ComputeQueue queue = backend.CreateQueue();
        var tensor = new RandomTensor(type, 71, 130, random);
        using Weight table = backend.LoadWeight(tensor);
        int[] tokens = [.. Enumerable.Range(0, 71), 5, 70, 0];
        using DeviceBuffer ids = backend.Allocate(4 * tokens.Length), y = backend.Allocate(4L * tokens.Length * 130);
        queue.Write<int>(tokens, ids);
        queue.Embed(table, ids, y, tokens.Length);
        float[] result = new float[tokens.Length * 130];
        queue.Read<float>(y, result);
        await queue.CompleteAsync();
        for (int i = 0; i < result.Length; i++)
            Assert.That(Bits(result[i]), Is.EqualTo(Bits(tensor.Wide[(tokens[i / 130] * 130) + (i % 130)])));

        queue.Write<int>([71], ids);
        Assert.Throws<ArgumentException>(() => queue.Embed(table, ids, y, 1));
    }

    [Test]
    public void A_weight_takes_its_tensor_and_at_most_31_rows_of_padding()
    {
        using var backend = new CpuBackend();
        using Weight weight = backend.LoadWeight(new RandomTensor(ElementType.BF16, 65, 100, new Random(1)));
        Assert.That(weight.ByteLength, Is.EqualTo(96 * 100 * 2));
        using Weight blocks = backend.LoadWeight(new Inputs(1).BlockTensor(ElementType.Q8_0, 65, 96));
        Assert.That(blocks.ByteLength, Is.EqualTo(96 * 3 * 34));
    }

    [Test]
    public async Task Linear_does_not_allocate_in_steady_state([Values(ElementType.BF16, ElementType.I8_256, ElementType.Q8_0, ElementType.Q4_0, ElementType.Q4_K, ElementType.Q6_K)] ElementType type)
    {
        using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
        using ComputeQueue queue = backend.CreateQueue();
        using Weight weight = backend.LoadWeight(new Inputs(1).AnyTensor(type, 100, 512));
        using DeviceBuffer x = backend.Allocate(4 * 512 * 4), y = backend.Allocate(4 * 100 * 4);
        queue.Linear(x, weight, null, y, 4, NumericMode.Exact);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) queue.Linear(x, weight, null, y, 4, NumericMode.Exact);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        await queue.CompleteAsync();
    }

    private static async Task CheckAsync(CpuBackend backend, ComputeQueue queue, RandomTensor w, float[] x, float[]? bias, int rows, NumericMode mode)
    {
        using Weight weight = backend.LoadWeight(w);
        using DeviceBuffer input = backend.Allocate(4L * x.Length), output = backend.Allocate(4L * rows * w.Rows);
        using DeviceBuffer biases = backend.Allocate(4L * w.Rows);
        queue.Write<float>(x, input);
        queue.Write<float>(bias ?? [], biases);
        // What was there before must not matter.
        queue.Write<float>(Enumerable.Repeat(float.NaN, rows * w.Rows).ToArray(), output);
        queue.Linear(input, weight, bias is null ? null : biases, output, rows, mode);
        float[] y = new float[rows * w.Rows];
        queue.Read<float>(output, y);
        await queue.CompleteAsync();

        if (mode == NumericMode.Fast) x = [.. x.Select(v => BFloat16Format.Widen(BFloat16Format.Round(v)))];
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < w.Rows; j++)
            {
                float expected = Reductions.Dot(x.AsSpan(r * w.Columns, w.Columns), w.Wide.AsSpan(j * w.Columns, w.Columns));
                if (bias is not null) expected += bias[j];
                if (Bits(y[(r * w.Rows) + j]) != Bits(expected))
                    Assert.Fail($"{w.Type} {mode} {rows}×{w.Columns}×{w.Rows}: y[{r}, {j}] is {y[(r * w.Rows) + j]:R}, not {expected:R}.");
            }
    }

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>A matrix with values of widely different exponents, subnormals of its type and zeros of both signs.</summary>
    private sealed class RandomTensor : ITensorSource
    {
        private readonly byte[] _bytes;

        public RandomTensor(ElementType type, int rows, int columns, Random random)
        {
            (Type, Rows, Columns) = (type, rows, columns);
            Wide = Values(rows * columns, random);
            _bytes = new byte[rows * columns * type.Size()];
            Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(_bytes.AsSpan());
            for (int i = 0; i < Wide.Length; i++)
            {
                if (type == ElementType.F32) continue;
                halves[i] = type == ElementType.BF16 ? BFloat16Format.Round(Wide[i]) : Float16Format.Round(Wide[i]);
                Wide[i] = type == ElementType.BF16 ? BFloat16Format.Widen(halves[i]) : Float16Format.Widen(halves[i]);
            }
            if (type == ElementType.F32) MemoryMarshal.AsBytes(Wide.AsSpan()).CopyTo(_bytes);
        }

        public RandomTensor(string name, int rows, int columns, float[] values)
        {
            (Name, Type, Rows, Columns, Wide) = (name, ElementType.F32, rows, columns, values);
            _bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        }

        public string Name { get; } = "random";

        public ElementType Type { get; }

        public int Rows { get; }

        public int Columns { get; }

        public float[] Wide { get; }

        public ReadOnlySpan<byte> ReadRows(int first, int count)
        {
            int row = Columns * Type.Size();
            return _bytes.AsSpan(first * row, count * row);
        }

        public void MakeNaN(int index) => _bytes.AsSpan(index * Type.Size(), Type.Size()).Fill(0xFF);

        public static float[] Values(int count, Random random)
        {
            float[] values = new float[count];
            for (int i = 0; i < count; i++)
                values[i] = random.Next(20) switch
                {
                    0 => 0f,
                    1 => -0f,
                    2 => (float)((random.NextDouble() - 0.5) * 1e-6),
                    3 => (float)((random.NextDouble() - 0.5) * 1e-39),
                    _ => (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-12, 12))),
                };
            return values;
        }
    }
}
