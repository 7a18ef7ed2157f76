using Ogong.Numerics;

namespace Ogong.Commitments;

/// <summary>
/// A bank of SRP directions evaluated on the host, with the bits of the port's operation: <c>mul(dot(h, ±1), div(1, sqrt(width)))</c>, the dot product chunked by 256 as in the exact profile.
/// </summary>
public static class SrpBank
{
    /// <summary>Sketches of rows of <paramref name="width"/> values under a bank.</summary>
    /// <exception cref="ArgumentException">Not 1 to 32 whole rows, or the bank has no directions, or a value is not finite.</exception>
    public static SketchWindow Project(ReadOnlySpan<float> rows, int width, SketchParameters bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (rows.IsEmpty || rows.Length % width != 0) throw new ArgumentException($"Rows have {width} values each.", nameof(rows));
        int count = rows.Length / width;
        float scale = 1f / MathF.Sqrt(width);
        var values = new float[count * bank.Directions];
        var signs = new float[width];
        for (int d = 0; d < bank.Directions; d++)
        {
            FillSigns(bank.BankSeed, d, signs);
            for (int r = 0; r < count; r++) values[(r * bank.Directions) + d] = Reductions.Dot(rows.Slice(r * width, width), signs) * scale;
        }
        return SketchWindow.Create(values, bank);
    }

    private static void FillSigns(ulong bankSeed, int direction, Span<float> signs)
    {
        Span<uint> words = stackalloc uint[4];
        for (int c = 0; c < signs.Length; c++)
        {
            if (c % 128 == 0) (words[0], words[1], words[2], words[3]) = Randomness.SrpSigns(bankSeed, direction, c / 128);
            signs[c] = ((words[(c / 32) % 4] >> (c % 32)) & 1) == 0 ? 1f : -1f;
        }
    }
}
