using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Tests.Kernels;

/// <summary>Seeded operands: shapes that are multiples of nothing, and values from tame to special.</summary>
internal sealed class Inputs(int seed)
{
    private const float I8ScaleLimit = 2.658455991569832e36f; // 2^121

    private readonly Random _random = new(seed);

    /// <summary>A number in [low, high].</summary>
    public int Between(int low, int high) => _random.Next(low, high + 1);

    /// <summary>True once in <paramref name="n"/> times.</summary>
    public bool OneIn(int n) => _random.Next(n) == 0;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    public ulong Seed() => (ulong)_random.NextInt64(long.MinValue, long.MaxValue);

    public void Shuffle<T>(T[] values) => _random.Shuffle(values);

    /// <summary>A width: mostly small, sometimes on or beside a chunk's edge, sometimes across several.</summary>
    public int Width() => _random.Next(8) switch
    {
        0 => Pick(255, 256, 257, 511, 512, 513),
        1 => Between(258, 900),
        2 => Between(60, 250),
        _ => Between(1, 59),
    };

    /// <summary>A width that rows of <paramref name="type"/> can have.</summary>
    public int Width(ElementType type) => type.BlockElements() switch
    {
        32 => 32 * Between(1, OneIn(4) ? 30 : 9),
        256 when type != ElementType.I8_256 => 256 * Between(1, 3),
        _ => Width(),
    };

    /// <summary>A count of elements: mostly small, once in 250 seeds large enough that a backend cuts it into parts.</summary>
    public int Length() => seed % 250 == 0 ? Between(16000, 36000) : Width();

    public ElementType Type() => Pick(ElementType.F32, ElementType.F16, ElementType.BF16);

    /// <summary>Values of one flavour: normal; few distinct, so that ties are common; zeros and subnormals of both signs among others; every exponent in a wide range; or, rarely, huge.</summary>
    public float[] Values(int count)
    {
        int flavour = _random.Next(24);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = flavour switch
            {
                < 12 => Normal(),
                < 16 => Between(-8, 8) / 4f,
                < 20 => Special(),
                < 23 => MathF.ScaleB(Normal(), Between(-40, 20)),
                _ => MathF.ScaleB(Normal(), Between(100, 126)),
            };
        return values;
    }

    /// <summary>Values near 1, as norm weights and tables have.</summary>
    public float[] Tame(int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = Normal();
        return values;
    }

    /// <summary>A stored matrix of finite values, normal ones if <paramref name="tame"/>.</summary>
    public Tensor Tensor(ElementType type, int rows, int columns, string name = "w", bool tame = false)
    {
        float[] values = tame ? Tame(rows * columns) : Values(rows * columns);
        byte[] stored = new byte[values.Length * type.Size()];
        Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(stored.AsSpan());
        for (int i = 0; i < values.Length; i++)
        {
            ushort half = type == ElementType.F16 ? Float16Format.Round(values[i]) : BFloat16Format.Round(values[i]);
            if (type == ElementType.F32) MemoryMarshal.Cast<byte, float>(stored.AsSpan())[i] = values[i];
            else halves[i] = (half & 0x7FFF) >= (type == ElementType.F16 ? 0x7C00 : 0x7F80) ? (ushort)1 : half;
        }
        return new Tensor(name, type, rows, columns, stored);
    }

    /// <summary>A stored matrix of tame values of any type.</summary>
    public Tensor AnyTensor(ElementType type, int rows, int columns, string name = "w") =>
        type.IsBlock() ? BlockTensor(type, rows, columns, name, tame: true) : Tensor(type, rows, columns, name, tame: true);

    /// <summary>A stored matrix of a block type with any integers and finite scales; or, one in two times except of K-quants, quantised values.</summary>
    public Tensor BlockTensor(ElementType type, int rows, int columns, string name = "w", bool tame = false)
    {
        int rowBytes = (int)type.RowBytes(columns);
        byte[] stored = new byte[rows * rowBytes];
        bool made = type is not (ElementType.Q4_K or ElementType.Q6_K) && OneIn(2);
        if (!made) _random.NextBytes(stored);
        for (int row = 0; row < rows; row++)
        {
            Span<byte> bytes = stored.AsSpan(row * rowBytes, rowBytes);
            if (made) ElementStorage.Round(type, tame ? Tame(columns) : Values(columns), bytes);
            for (; !bytes.IsEmpty; bytes = bytes[Math.Min(type.BlockBytes(), bytes.Length)..]) MakeScalesFinite(type, bytes, made ? null : tame ? Tame(2) : Values(2));
        }
        return new Tensor(name, type, rows, columns, stored);
    }

    /// <summary>Gives one block these scales, and others in place of those that overflow.</summary>
    private static void MakeScalesFinite(ElementType type, Span<byte> block, float[]? scales)
    {
        if (type == ElementType.I8_256)
        {
            if (scales is not null) BitConverter.TryWriteBytes(block, scales[0]);
            if (Math.Abs(BitConverter.ToSingle(block)) >= I8ScaleLimit) BitConverter.TryWriteBytes(block, 1f);
            return;
        }
        int at = type == ElementType.Q6_K ? 208 : 0;
        for (int i = 0; i < (type == ElementType.Q4_K ? 2 : 1); i++)
        {
            Span<byte> scale = block[(at + (2 * i))..];
            if (scales is not null) BitConverter.TryWriteBytes(scale, Float16Format.Round(scales[i]));
            if ((BitConverter.ToUInt16(scale) & 0x7C00) == 0x7C00) BitConverter.TryWriteBytes(scale, (ushort)1);
        }
    }

    /// <summary>About normal: a sum of uniforms, so that no platform's logarithm takes part in a pinned digest.</summary>
    public float Normal()
    {
        double sum = 0;
        for (int i = 0; i < 3; i++) sum += _random.NextDouble();
        return (float)((2 * sum) - 3);
    }

    private float Special() => _random.Next(8) switch
    {
        0 => 0f,
        1 => -0f,
        2 => BitConverter.Int32BitsToSingle(Between(1, 0x7F_FFFF)),
        3 => -BitConverter.Int32BitsToSingle(Between(1, 0x7F_FFFF)),
        4 => Pick(1f, -1f, 88f, -88f, -87f, 1e-30f, -1e-30f, 65504f, 6e-8f),
        5 => MathF.ScaleB(Normal(), -70),
        _ => Normal(),
    };
}

/// <summary>A matrix in memory.</summary>
internal sealed class Tensor(string name, ElementType type, int rows, int columns, byte[] stored) : ITensorSource
{
    public string Name { get; } = name;

    public ElementType Type { get; } = type;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        int rowBytes = (int)Type.RowBytes(Columns);
        return stored.AsSpan(first * rowBytes, count * rowBytes);
    }
}
