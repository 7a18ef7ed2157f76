using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Ogong.Bytes;

namespace Ogong.Tests.Bytes;

public class ByteTests
{
    [Test]
    public void A_digest_is_its_bytes()
    {
        Digest digest = Digest.Parse("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F");
        Assert.That(digest.ToString(), Is.EqualTo("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
        Assert.That(digest, Is.EqualTo(new Digest([.. Enumerable.Range(0, 32).Select(i => (byte)i)])));
        Assert.That(digest == default, Is.False);
        Assert.That(default(Digest).IsZero, Is.True);
        Assert.That(digest.CompareTo(default), Is.GreaterThan(0));
        foreach (string bad in new[] { "", "00", new string('0', 63), new string('0', 65), new string('g', 64), new string(' ', 64) }) Assert.That(Digest.TryParse(bad, out _), Is.False);
        Assert.Throws<ArgumentException>(() => _ = new Digest(new byte[31]));
    }

    [Test]
    public void A_tagged_hash_is_sha256_over_length_tag_and_data()
    {
        byte[] data = [1, 2, 3];
        var tag = new HashTag("ogong/test/1");
        Assert.That(tag.Hash(data), Is.EqualTo(new Digest(SHA256.HashData([12, .. Encoding.ASCII.GetBytes("ogong/test/1"), 1, 2, 3]))));
        using var hasher = new TaggedHasher(tag);
        for (int again = 0; again < 2; again++)
        {
            hasher.Append(data.AsSpan(0, 1));
            hasher.Append(data.AsSpan(1));
            Assert.That(hasher.Finish(), Is.EqualTo(tag.Hash(data)));
        }
        hasher.Append(new[] { 1.5f }.AsSpan());
        hasher.Reset();
        hasher.Append(data);
        Assert.That(hasher.Finish(), Is.EqualTo(tag.Hash(data)));
        foreach (string bad in new[] { "", "x", "with space", "ü1", new string('a', 65) }) Assert.Throws<ArgumentException>(() => _ = new HashTag(bad));
    }

    [Test]
    public void Integers_and_floats_are_little_endian()
    {
        var writer = new ByteWriter();
        writer.UInt8(1);
        writer.UInt16(0x0302);
        writer.UInt32(0x07060504);
        writer.UInt64(0x0F0E0D0C0B0A0908);
        writer.Int64(-2);
        writer.UInt128((UInt128.One << 127) | 5);
        writer.Single(1f);
        writer.Name("ab");
        writer.Tokens([258]);
        Assert.That(
            Convert.ToHexStringLower(writer.Written),
            Is.EqualTo("0102030405060708090a0b0c0d0e0ffeffffffffffffff050000000000000000000000000000800000803f0261620100000002010000"));
        var reader = new ByteReader(writer.Written);
        Assert.That(reader.TryUInt8(out byte a, "a") && a == 1 && reader.TryUInt16(out ushort b, "b") && b == 0x0302 && reader.TryUInt32(out uint c, "c") && c == 0x07060504
            && reader.TryUInt64(out ulong d, "d") && d == 0x0F0E0D0C0B0A0908 && reader.TryInt64(out long e, "e") && e == -2 && reader.TryUInt128(out UInt128 f, "f") && f == ((UInt128.One << 127) | 5)
            && reader.TrySingle(out float g, "g") && g == 1f && reader.TryName(out string h, "h") && h == "ab" && reader.TryTokens(0, 9, out int[] i, "i") && i is [258] && reader.TryEnd());
    }

    [Test]
    public void A_refusal_says_where_and_why()
    {
        AssertFails(DecodeError.Truncated, 1, [0, 1], (ref ByteReader r) => r.TryUInt8(out _, "a") && r.TryUInt16(out _, "b"));
        AssertFails(DecodeError.NotCanonical, 0, [2], (ref ByteReader r) => r.TryFlag(out _, "flag"));
        AssertFails(DecodeError.NotFinite, 0, [0, 0, 0x80, 0x7F], (ref ByteReader r) => r.TrySingle(out _, "x"));
        AssertFails(DecodeError.TooLarge, 0, [10, 0, 0, 0], (ref ByteReader r) => r.TryCount(0, 9, out _, "n"));
        AssertFails(DecodeError.OutOfRange, 0, [0, 0, 0, 0], (ref ByteReader r) => r.TryCount(1, 9, out _, "n"));
        AssertFails(DecodeError.TooLarge, 4, [1, 0, 0, 0, 0, 0, 0, 0x80], (ref ByteReader r) => r.TryTokens(0, 9, out _, "t"));
        AssertFails(DecodeError.Truncated, 4, [9, 0, 0, 0, 0, 0, 0, 0], (ref ByteReader r) => r.TryTokens(0, 9, out _, "t"));
        AssertFails(DecodeError.OutOfRange, 0, [0], (ref ByteReader r) => r.TryName(out _, "s"));
        AssertFails(DecodeError.OutOfRange, 0, [1, 32], (ref ByteReader r) => r.TryName(out _, "s"));
        AssertFails(DecodeError.TrailingBytes, 1, [1, 1], (ref ByteReader r) => r.TryFlag(out _, "a") && r.TryEnd());
        AssertFails(DecodeError.Truncated, 0, [1], (ref ByteReader r) => r.TrySingles(int.MaxValue, out _, "v"));
    }

    [Test]
    public void The_first_failure_stays()
    {
        var reader = new ByteReader([1]);
        Assert.That(reader.TryUInt16(out _, "first"), Is.False);
        Assert.That(reader.TryUInt64(out _, "second"), Is.False);
        Assert.That(reader.Failure, Is.EqualTo(new DecodeFailure(DecodeError.Truncated, 0, "first")));
    }

    private delegate bool Read(ref ByteReader reader);

    private static void AssertFails(DecodeError error, long offset, byte[] bytes, Read read)
    {
        var reader = new ByteReader(bytes);
        Assert.That(read(ref reader), Is.False);
        Assert.That((reader.Failure.Error, reader.Failure.Offset), Is.EqualTo((error, offset)));
    }
}
