namespace Ogong.Tests.Records;

/// <summary>Seeded mutations of a valid byte string: truncation, bit flips, extreme integers, removed, repeated and inserted runs.</summary>
internal sealed class Mutator(byte[] valid, int seed, int[]? targets = null)
{
    private static readonly uint[] extremes = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7F80_0000, 0x7FC0_0000, 0xFF80_0000, 0x8000_0000];

    private readonly Random random = new(seed);

    public byte[] Next()
    {
        byte[] bytes = (byte[])valid.Clone();
        for (int edits = 1 + random.Next(3); edits > 0 && bytes.Length > 0; edits--) bytes = Edit(bytes);
        return bytes;
    }

    private byte[] Edit(byte[] bytes)
    {
        // Most of a signed message is signature; targets point at the rest.
        int at = targets is not null && random.Next(4) != 0 ? Math.Min(targets[random.Next(targets.Length)], bytes.Length - 1) : random.Next(bytes.Length);
        int run = Math.Min(1 + random.Next(40), bytes.Length - at);
        switch (random.Next(8))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. bytes[(at + run)..]];
            case 2:
                return [.. bytes[..at], .. bytes.AsSpan(at, run), .. bytes[at..]];
            case 3:
                var junk = new byte[run];
                random.NextBytes(junk);
                return [.. bytes[..at], .. junk, .. bytes[at..]];
            case 4:
                BitConverter.GetBytes(extremes[random.Next(extremes.Length)]).AsSpan(0, Math.Min(4, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                return bytes;
            case 5:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }
}
