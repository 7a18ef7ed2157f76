namespace Ogong.Signatures;

/// <summary>Multiples of the base point, computed on first use: about 46 KB.</summary>
internal static class BasePointTables
{
    /// <summary>Points of one row of <see cref="Radix256"/>.</summary>
    public const int RowLength = 8;

    /// <summary>Entries of the tables of odd multiples, for digits of width 8.</summary>
    public const int OddLength = 64;

    private const int Rows = 32;

    /// <summary>Row i holds j · 256^i · B for j = 1 … 8.</summary>
    public static ReadOnlySpan<AffinePoint> Radix256 => Tables.Radix256;

    /// <summary>B, 3B, … 127B.</summary>
    public static ReadOnlySpan<AffinePoint> Odd => Tables.Odd;

    /// <summary>The same multiples of 2^128 · B.</summary>
    public static ReadOnlySpan<AffinePoint> OddHigh => Tables.OddHigh;

    // Nested, so that the tables are made when first read and not with the assembly's other types.
    private static class Tables
    {
        public static readonly AffinePoint[] Radix256, Odd, OddHigh;

        static Tables()
        {
            var rows = new CachedPoint[Rows * RowLength];
            var odd = new CachedPoint[OddLength];
            var point = EdwardsPoint.MakeBasePoint();
            CachedPoint.WriteOddMultiples(point, odd);
            Odd = AffinePoint.From(odd);
            for (var i = 0; i < Rows; i++)
            {
                if (i == 16)
                {
                    CachedPoint.WriteOddMultiples(point, odd);
                    OddHigh = AffinePoint.From(odd);
                }
                var step = CachedPoint.From(point);
                var multiple = point;
                for (var j = 0; j < RowLength; j++)
                {
                    rows[(i * RowLength) + j] = CachedPoint.From(multiple);
                    multiple.Add(step);
                }
                for (var bit = 0; bit < 8; bit++)
                    point.Double();
            }
            Radix256 = AffinePoint.From(rows);
            ArgumentNullException.ThrowIfNull(OddHigh);
        }
    }
}
