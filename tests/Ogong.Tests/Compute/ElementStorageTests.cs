using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Tests.Kernels;

namespace Ogong.Tests.Compute;

/// <summary>
/// Widening and rounding of every storage type. The digests come from separate programs: one follows GGUF's definition of the types with
/// rational arithmetic rounded once per step, the other makes K-quants by the text of docs/models.md.
/// </summary>
[Parallelizable(ParallelScope.All)]
internal sealed class ElementStorageTests
{
    private const int Blocks = 256;

    [TestCase(ElementType.Q8_0, "540ff4c0b73ac376b20856b20ef19e8964bcfa4220834980eda81cd0be98543b", 0)]
    [TestCase(ElementType.Q4_0, "643322f495b76117dd5d3178fd0865248adbc27b10b7de6ab9035e9bb923ce3c", 0)]
    [TestCase(ElementType.Q4_K, "dd707d8635d269b340d64e74846643df7331aa7fe76c41ee69243b40e4998f7d", 0, 2)]
    [TestCase(ElementType.Q6_K, "d9d40085ffe07f52e64c2595613222fc176e92d010dd198d58acaee6e57bce7d", 208)]
    public void Blocks_of_any_bits_widen_as_defined(ElementType type, string digest, params int[] scales)
    {
        int size = type.BlockBytes();
        byte[] stored = Stream($"widen {type}", Blocks * size);
        for (int block = 0; block < Blocks; block++)
            foreach (int offset in scales)
                if ((stored[(block * size) + offset + 1] & 0x7C) == 0x7C) stored[(block * size) + offset + 1] &= 0xBF; // a finite scale
        float[] values = new float[Blocks * type.BlockElements()];
        ElementStorage.Widen(type, stored, values);
        Assert.That(Sha256(MemoryMarshal.AsBytes(values.AsSpan())), Is.EqualTo(digest));
    }

    [TestCase(ElementType.Q8_0, "ba27e617be7c52711816613d4b6ba833e37b1864a5596887e857d3add9307cdd")]
    [TestCase(ElementType.Q4_0, "15108067eff017d52acf03afebe2791c9a73ddeeb1a2ed4d4bd27b7baa69613e")]
    [TestCase(ElementType.Q4_K, "be4e2c264ac311ee1cb297c533ba1d303b11b73af01e76202296fb7b19a81432")]
    [TestCase(ElementType.Q6_K, "ebe83aa262bccbb45c30b3104cfe0eb8fc5300d11f85bc4a1b681d1749fbe69d")]
    public void Values_round_to_blocks_as_defined(ElementType type, string digest)
    {
        const int Count = 512;
        byte[] raw = Stream("round", Count * 32 * 3);
        float[] values = new float[Count * 32];
        for (int i = 0; i < values.Length; i++)
            values[i] = MathF.ScaleB(BinaryPrimitives.ReadInt16LittleEndian(raw.AsSpan(3 * i)), (raw[(3 * i) + 2] % 12) - (i / 32 % 4 == 0 ? 40 : 20));
        for (int block = 0; block < Count; block += 16)
        {
            values.AsSpan(block * 32, 32).Clear();
            for (int i = 0; i < 32; i++) values[((block + 1) * 32) + i] = (i - 16) / 2f; // halves: ties
        }
        byte[] stored = new byte[type.RowBytes(values.Length)];
        ElementStorage.Round(type, values, stored);
        Assert.That(Sha256(stored), Is.EqualTo(digest));
    }

    [TestCase(ElementType.Q8_0, "083081899199a1a9b1b9c0c8d0d8e0e8f0f8000810182028303840474f575f676f77")]
    [TestCase(ElementType.Q4_0, "0040809191a2a2b3b3c4c4d5d5e6e6f7f7f8")]
    public void Whole_numbers_from_minus_16_to_15(ElementType type, string block)
    {
        // Q8_0: d = 16/127, q = round(x·127/16). Q4_0: d = 2, q = ⌊x/2 + 8.5⌋, and −16 is the side with eight steps.
        float[] values = [.. Enumerable.Range(-16, 32).Select(static i => (float)i)];
        byte[] stored = new byte[type.BlockBytes()];
        ElementStorage.Round(type, values, stored);
        Assert.That(Convert.ToHexStringLower(stored), Is.EqualTo(block));
    }

    [Test]
    public void I8_256_by_hand()
    {
        // max 254 gives d = 2; halves of it are ties, which go to even; the second block is short.
        float[] values = new float[258];
        float[] first = [254, -254, 1, 3, -1, -3, 5, 0, -0f, 253, 252.99998f];
        first.CopyTo(values, 0);
        (values[256], values[257]) = (-127, 0.5f);
        byte[] stored = new byte[ElementType.I8_256.RowBytes(258)];
        ElementStorage.Round(ElementType.I8_256, values, stored);
        Assert.That(Convert.ToHexStringLower(stored[..16]), Is.EqualTo("00000040" + "7f810002" + "00fe0200" + "007e7e00"));
        Assert.That(stored[16..260], Is.All.Zero);
        Assert.That(Convert.ToHexStringLower(stored[260..]), Is.EqualTo("0000803f" + "8100"));
        ElementStorage.Widen(ElementType.I8_256, stored, values);
        Assert.That(values[..4].Append(values[256]), Is.EqualTo(new[] { 254f, -254, 0, 4, -127 }));
    }

    [Test]
    public void A_chunk_below_2_to_the_minus_100_is_zero_and_one_at_it_is_not()
    {
        float[] values = new float[256];
        byte[] stored = new byte[260];
        foreach (float most in (float[])[0, -0f, float.Epsilon, MathF.BitDecrement(MathF.ScaleB(1, -100))])
        {
            stored.AsSpan().Fill(1);
            values[7] = -most;
            ElementStorage.Round(ElementType.I8_256, values, stored);
            Assert.That(stored, Is.All.Zero, $"{most}");
        }
        values[7] = -MathF.ScaleB(1, -100);
        ElementStorage.Round(ElementType.I8_256, values, stored);
        Assert.That((BitConverter.ToSingle(stored), stored[11]), Is.EqualTo((MathF.ScaleB(1, -100) / 127, (byte)0x81)));
    }

    [Test]
    public void Rounding_what_was_widened_gives_the_block_back([Values(ElementType.Q8_0, ElementType.Q4_0)] ElementType type)
    {
        // Where a block uses its widest integer, the scale is found again; the error is at most half a step before.
        float[] values = [.. Stream("again", 32 * 64).Select(static b => (b - 128) / 64f)], again = new float[values.Length];
        byte[] stored = new byte[type.RowBytes(values.Length)], second = new byte[stored.Length];
        ElementStorage.Round(type, values, stored);
        ElementStorage.Widen(type, stored, again);
        float step = 2f / (type == ElementType.Q8_0 ? 127 : 8);
        Assert.That(values.Zip(again, static (a, b) => MathF.Abs(a - b)).Max(), Is.LessThan(step * 1.01f).And.GreaterThan(step / 4));
        ElementStorage.Round(type, again, second);
        Assert.That(second, Is.EqualTo(stored));
    }

    [Test]
    public void Blocks_of_zeros_and_of_the_smallest_numbers_are_zeros([Values(ElementType.Q8_0, ElementType.Q4_0, ElementType.Q4_K, ElementType.Q6_K)] ElementType type)
    {
        foreach (float tiny in (float[])[0, -0f, float.Epsilon, -float.Epsilon, 1e-39f])
        {
            float[] values = [.. Enumerable.Repeat(tiny, type.BlockElements())];
            byte[] stored = new byte[type.BlockBytes()];
            ElementStorage.Round(type, values, stored);
            ElementStorage.Widen(type, stored, values);
            Assert.That(values, Is.All.EqualTo(0f), $"{tiny}");
        }
    }

    [Test]
    public void Q4K_and_Q6K_by_hand()
    {
        // Group 5 of Q4_K: scale 53 = 3·16 + 5, minimum 39 = 2·16 + 7, in the bytes the format gives them; q = 11 in the high halves of bytes 64 to 95.
        byte[] block = new byte[144];
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)0.5);
        BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(2), (Half)0.25);
        (block[4 + 1], block[4 + 5], block[4 + 9]) = (3 << 6, 2 << 6, 5 | (7 << 4));
        block.AsSpan(16 + 64, 32).Fill(11 << 4);
        float[] values = new float[256];
        ElementStorage.Widen(ElementType.Q4_K, block, values);
        Assert.That(values[160..192], Is.All.EqualTo((0.5f * 53 * 11) - (0.25f * 39)));
        Assert.That(values[..160].Concat(values[192..]), Is.All.EqualTo(0f));

        // Element 128 + 3·32 + 5 of Q6_K: low four bits in the high half of byte 64 + 32 + 5, upper two at bits 6 and 7 of upper byte 32 + 5.
        block = new byte[210];
        BinaryPrimitives.WriteHalfLittleEndian(block.AsSpan(208), (Half)(-2));
        block[192 + 14] = 0x80; // −128
        (block[101], block[128 + 37]) = (9 << 4, 1 << 6);
        ElementStorage.Widen(ElementType.Q6_K, block, values);
        Assert.That(values[229], Is.EqualTo(-2f * -128 * (9 + 16 - 32)));
        Assert.That(values[224..229], Is.All.EqualTo(-2f * -128 * -32));
    }

    [Test]
    public void The_K_quants_fit_better_than_the_ends_of_each_group([Values(ElementType.Q4_K, ElementType.Q6_K)] ElementType type, [Values(1, 2, 3)] int seed)
    {
        // Against scales whose integers reach from the least to the greatest element of a group, and against the error of their step, step/√12.
        const int Count = 256;
        var inputs = new Inputs(seed);
        float[] values = inputs.Tame(Count * 256), again = new float[values.Length];
        byte[] stored = new byte[type.RowBytes(values.Length)];
        ElementStorage.Round(type, values, stored);
        ElementStorage.Widen(type, stored, again);
        double error = SquaredError(values, again), ends = 0, theory = 0;
        int size = type == ElementType.Q4_K ? 32 : 16;
        for (int first = 0; first < values.Length; first += size)
        {
            ReadOnlySpan<float> group = values.AsSpan(first, size);
            float low = float.PositiveInfinity, high = float.NegativeInfinity;
            foreach (float value in group) (low, high) = (MathF.Min(low, value), MathF.Max(high, value));
            float step = type == ElementType.Q4_K ? (high - low) / 15 : MathF.Max(high, -low) / 31, from = type == ElementType.Q4_K ? low : 0;
            float[] naive = [.. group];
            foreach (ref float value in naive.AsSpan()) value = (MathF.Round((value - from) / step) * step) + from;
            ends += SquaredError(group, naive);
            theory += size * step * step / 12;
        }
        TestContext.Out.WriteLine($"{Math.Sqrt(error / values.Length)}, ends {Math.Sqrt(ends / values.Length)}, step/√12 {Math.Sqrt(theory / values.Length)}");
        Assert.That(error, Is.LessThan(ends), "even though the ends are not rounded to integers");
        Assert.That(error / theory, Is.InRange(0.5, 1.0));
    }

    [Test]
    public void K_quants_hold_what_they_can_hold_exactly()
    {
        // Groups of one value; ramps that use every integer; zeros.
        float[] values = new float[256], again = new float[256];
        for (int i = 0; i < 256; i++)
            values[i] = (i / 32) switch { 0 => -63, 1 => i % 16 * 63, 2 => (i % 16 * 63) - 63, 3 => 0, 4 => -31, _ => i % 32 < 16 ? (i % 16) - 1 : 14 };
        byte[] stored = new byte[144];
        ElementStorage.Round(ElementType.Q4_K, values, stored);
        ElementStorage.Widen(ElementType.Q4_K, stored, again);
        Assert.That(again, Is.EqualTo(values));

        for (int i = 0; i < 256; i++) values[i] = (i / 16) switch { 0 => -128 * ((i % 16) - 32), 1 => 127 * ((i % 16) - 32), 2 => 0, 3 => 31, _ => (i % 16 * 4) - 32 };
        ElementStorage.Round(ElementType.Q6_K, values, stored = new byte[210]);
        ElementStorage.Widen(ElementType.Q6_K, stored, again);
        Assert.That(again, Is.EqualTo(values));

        foreach (ElementType type in (ElementType[])[ElementType.Q4_K, ElementType.Q6_K])
        {
            stored = new byte[type.BlockBytes()];
            values.AsSpan().Fill(1e30f);
            values[5] = -1e30f;
            ElementStorage.Round(type, values, stored);
            Assert.That(ElementStorage.FirstNonFinite(type, 256, stored), Is.Zero, "the writers refuse it");
        }
    }

    [Test]
    public void Lengths_must_fit()
    {
        Assert.Throws<ArgumentException>(() => ElementStorage.Widen(ElementType.Q8_0, new byte[33], new float[32]));
        Assert.Throws<ArgumentException>(() => ElementStorage.Round(ElementType.BF16, new float[2], new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementStorage.Round(ElementType.Q4_K, new float[128], new byte[72]));
    }

    private static double SquaredError(ReadOnlySpan<float> values, ReadOnlySpan<float> again)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++) sum += ((double)values[i] - again[i]) * ((double)values[i] - again[i]);
        return sum;
    }

    private static byte[] Stream(string label, int length)
    {
        var bytes = new List<byte>(length + 32);
        byte[] seed = [.. Encoding.ASCII.GetBytes(label), 0, 0, 0, 0];
        for (uint i = 0; bytes.Count < length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(seed.AsSpan(seed.Length - 4), i);
            bytes.AddRange(SHA256.HashData(seed));
        }
        return [.. bytes.Take(length)];
    }

    private static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
