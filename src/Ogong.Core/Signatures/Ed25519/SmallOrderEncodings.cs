namespace Ogong.Signatures;

/// <summary>The canonical encodings of the eight points of order 1, 2, 4 and 8.</summary>
internal static class SmallOrderEncodings
{
    private static readonly byte[] Encodings = Make();

    /// <summary>Whether the 32 bytes are one of them.</summary>
    public static bool Contains(ReadOnlySpan<byte> encoded)
    {
        for (var i = 0; i < Encodings.Length; i += 32)
        {
            if (encoded.SequenceEqual(Encodings.AsSpan(i, 32)))
                return true;
        }
        return false;
    }

    private static byte[] Make()
    {
        // Half of all points have, times L, order 8; its multiples are all eight.
        var encodings = new byte[8 * 32];
        Span<byte> candidate = stackalloc byte[32];
        for (byte y = 2; ; y++)
        {
            candidate[0] = y;
            if (!EdwardsPoint.TryDecode(candidate, out var generator))
                continue;
            generator = TimesL(generator);
            var twice = generator;
            twice.Double();
            twice.Double();
            if (FieldPowers.AreEqual(twice.X, default) && FieldPowers.AreEqual(twice.Y, twice.Z))
                continue; // order 4 or less
            var step = CachedPoint.From(generator);
            for (var i = 0; i < 8; i++)
            {
                generator.Encode(encodings.AsSpan(32 * i, 32));
                generator.Add(step);
            }
            return encodings;
        }
    }

    private static EdwardsPoint TimesL(in EdwardsPoint p)
    {
        var addend = CachedPoint.From(p);
        var product = EdwardsPoint.Identity;
        for (var bit = 252; bit >= 0; bit--)
        {
            product.Double();
            if (Scalar.BitOfL(bit))
                product.Add(addend);
        }
        return product;
    }
}
