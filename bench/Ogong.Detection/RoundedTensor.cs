using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Models;
using Ogong.Numerics;

namespace Ogong.Detection;

/// <summary>Tensors changed, stored as binary32 so that the change is all there is.</summary>
internal static class RoundedTensor
{
    /// <summary>Rounded to a type and widened again. A row that is no whole number of blocks ends in zeros up to one, which are dropped again.</summary>
    public static ITensorSource Through(ITensorSource tensor, ElementType type) => Rewrite(tensor, (_, row) =>
    {
        int block = type.BlockElements();
        float[] whole = new float[(row.Length + block - 1) / block * block];
        byte[] stored = new byte[type.RowBytes(whole.Length)];
        row.CopyTo(whole);
        ElementStorage.Round(type, whole, stored);
        ElementStorage.Widen(type, stored, whole);
        whole.AsSpan(0, row.Length).CopyTo(row);
    });

    /// <summary>Rounded to FP8 E4M3 (4 exponent bits, 3 mantissa bits, largest value 448), each row scaled so that its largest magnitude is 448.</summary>
    public static ITensorSource ThroughE4M3(ITensorSource tensor) => Rewrite(tensor, static (_, row) =>
    {
        float scale = Largest(row) / 448;
        if (scale == 0) return;
        foreach (ref float value in row) value = E4M3(value / scale) * scale;
    });

    /// <summary>About one element in a hundred set to zero, chosen by Philox.</summary>
    public static ITensorSource WithHundredthZero(ITensorSource tensor) => Rewrite(tensor, static (index, row) =>
    {
        for (int i = 0; i < row.Length; i++)
            if (Philox4x32.Generate(0x0D37EC7104, (uint)index, (uint)i, 0, 0).W0 < uint.MaxValue / 100) row[i] = 0;
    });

    /// <summary>Rows and columns in another order: row r is row <paramref name="rows"/>(r) of the original. A vector has columns only.</summary>
    public static ITensorSource Reordered(ITensorSource tensor, Func<int, int>? rows, Func<int, int>? columns)
    {
        float[] values = new float[tensor.Rows * tensor.Columns], row = new float[tensor.Columns];
        for (int r = 0; r < tensor.Rows; r++)
        {
            ElementStorage.Widen(tensor.Type, tensor.ReadRows(rows is null ? r : rows(r), 1), row);
            for (int c = 0; c < row.Length; c++) values[(r * row.Length) + c] = row[columns is null ? c : columns(c)];
        }
        return Stored(tensor, values);
    }

    /// <summary>A vector on an 8-bit grid of its own: <c>s = absmax / 127</c>, <c>v' = rint(v / s) · s</c>.</summary>
    public static void ToGrid(Span<float> vector)
    {
        float scale = Largest(vector) / 127;
        if (scale == 0) return;
        foreach (ref float value in vector) value = MathF.Round(value / scale, MidpointRounding.ToEven) * scale;
    }

    /// <summary>Nearest E4M3 value, ties to even; below 2⁻⁶ the grid is 2⁻⁹.</summary>
    internal static float E4M3(float value)
    {
        if (value == 0) return value;
        int exponent = Math.Max(Math.ILogB(value), -6);
        float grid = MathF.ScaleB(1, exponent - 3);
        return Math.Clamp(MathF.Round(value / grid, MidpointRounding.ToEven) * grid, -448, 448);
    }

    private delegate void RowRewriter(int index, Span<float> row);

    private static MemoryTensor Rewrite(ITensorSource tensor, RowRewriter rewrite)
    {
        float[] values = new float[tensor.Rows * tensor.Columns];
        for (int r = 0; r < tensor.Rows; r++)
        {
            Span<float> row = values.AsSpan(r * tensor.Columns, tensor.Columns);
            ElementStorage.Widen(tensor.Type, tensor.ReadRows(r, 1), row);
            rewrite(r, row);
        }
        return Stored(tensor, values);
    }

    private static MemoryTensor Stored(ITensorSource tensor, float[] values) =>
        new(tensor.Name, ElementType.F32, tensor.Rows, tensor.Columns, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values) largest = MathF.Max(largest, MathF.Abs(value));
        return largest;
    }
}
