using System.Text.Json;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

internal sealed class Ed25519Tests
{
    private static readonly byte[] Message = "the message"u8.ToArray();

    /// <summary>The points of order 1, 2, 4, 4, 8, 8, 8, 8.</summary>
    private static readonly string[] SmallOrder =
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ];

    [Test]
    public void MatchesRfc8032()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.Vector("signatures", "rfc8032.json")));
        var count = 0;
        foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            using var key = Ed25519PrivateKey.FromSeed(vector.Hex("secretKey"));
            var signature = new byte[Ed25519.SignatureSize];
            key.Sign(vector.Hex("message"), signature);
            Assert.Multiple(() =>
            {
                Assert.That(key.PublicKey.Bytes.ToArray(), Is.EqualTo(vector.Hex("publicKey")));
                Assert.That(signature, Is.EqualTo(vector.Hex("signature")));
                Assert.That(key.PublicKey.Verify(vector.Hex("message"), signature));
            });
            count++;
        }
        Assert.That(count, Is.EqualTo(5));
    }

    [Test]
    public void RefusesEveryChangedBit()
    {
        using var key = Ed25519PrivateKey.Generate();
        var signature = new byte[Ed25519.SignatureSize];
        key.Sign(Message, signature);
        Assert.That(key.PublicKey.Verify(Message, signature));
        for (var bit = 0; bit < 8 * signature.Length; bit++)
        {
            signature[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.That(key.PublicKey.Verify(Message, signature), Is.False, $"bit {bit}");
            signature[bit >> 3] ^= (byte)(1 << (bit & 7));
        }
        Assert.That(key.PublicKey.Verify("another message"u8, signature), Is.False);
    }

    [Test]
    public void WrongLengthsAreNotValidAndDoNotThrow()
    {
        using var key = Ed25519PrivateKey.Generate();
        var long65 = new byte[65];
        key.Sign(Message, long65.AsSpan(0, 64));
        for (var size = 0; size <= 65; size++)
            Assert.That(key.PublicKey.Verify(Message, long65.AsSpan(0, size)), Is.EqualTo(size == 64), $"{size} bytes");
        foreach (var size in new[] { 0, 31, 33, 64 })
            Assert.That(Ed25519PublicKey.TryDecode(new byte[size], out _), Is.False);
    }

    [Test]
    public void RefusesSPlusL()
    {
        using var key = Ed25519PrivateKey.Generate();
        var signature = new byte[Ed25519.SignatureSize];
        key.Sign(Message, signature);
        for (int i = 0, carry = 0; i < 32; i++)
        {
            var sum = signature[32 + i] + carry;
            for (var bit = 0; bit < 8; bit++)
                sum += Scalar.BitOfL((8 * i) + bit) ? 1 << bit : 0;
            signature[32 + i] = (byte)sum;
            carry = sum >> 8;
        }
        Assert.That(key.PublicKey.Verify(Message, signature), Is.False);
    }

    [TestCaseSource(nameof(SmallOrder))]
    public void SmallOrderPointsAreNoKeys(string encoded)
    {
        var bytes = Convert.FromHexString(encoded);
        Assert.Multiple(() =>
        {
            Assert.That(EdwardsPoint.TryDecode(bytes, out var point));
            Assert.That(point.HasSmallOrder());
            Assert.That(SmallOrderEncodings.Contains(bytes));
            Assert.That(Ed25519PublicKey.TryDecode(bytes, out _), Is.False);
        });
    }

    /// <summary>y in [p, 2^255) and x = 0 with the sign bit: all encodings that have another.</summary>
    [Test]
    public void NonCanonicalPointsDoNotDecode()
    {
        var bytes = Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        for (var excess = 0; excess < 19; excess++)
        {
            bytes[0] = (byte)(0xED + excess);
            foreach (byte top in new byte[] { 0x7F, 0xFF })
            {
                bytes[31] = top;
                Assert.That(EdwardsPoint.TryDecode(bytes, out _), Is.False, $"p + {excess}, {top:x}");
            }
        }
        foreach (var negativeZero in new[] { SmallOrder[0][..62] + "80", SmallOrder[1][..62] + "ff" })
            Assert.That(EdwardsPoint.TryDecode(Convert.FromHexString(negativeZero), out _), Is.False);
    }

    /// <summary>R = identity and S = k·a satisfy the equation for every key, but R says nothing: refused.</summary>
    [Test]
    public void RefusesASmallOrderR()
    {
        var seed = new byte[32];
        var expanded = new byte[64];
        Sha512.Hash(seed, default, default, default, expanded);
        expanded[0] &= 0xF8;
        expanded[31] = (byte)((expanded[31] & 0x7F) | 0x40);
        using var key = Ed25519PrivateKey.FromSeed(seed);
        var signature = new byte[Ed25519.SignatureSize];
        Convert.FromHexString(SmallOrder[0]).CopyTo(signature, 0);
        Span<byte> hash = stackalloc byte[64];
        Span<byte> k = stackalloc byte[32];
        Sha512.Hash(signature.AsSpan(0, 32), key.PublicKey.Bytes, Message, default, hash);
        Scalar.Reduce(hash, k);
        Scalar.MultiplyAdd(k, expanded.AsSpan(0, 32), new byte[32], signature.AsSpan(32));
        Assert.Multiple(() =>
        {
            Assert.That(key.PublicKey.EquationHolds(default, Message, signature), "the signature must satisfy the equation, or this test shows nothing");
            Assert.That(key.PublicKey.Verify(Message, signature), Is.False);
        });
    }

    /// <summary>A key with a small-order component is accepted as a key, and the equation is checked without the cofactor: it holds only where k is a multiple of the order.</summary>
    [Test]
    public void ChecksTheEquationWithoutTheCofactor()
    {
        var scalar = new byte[32];
        scalar[0] = 8;
        scalar[31] = 0x40;
        Span<byte> encoded = stackalloc byte[32];
        Multiplication.MultiplyBase(scalar, encoded);
        Assert.That(EdwardsPoint.TryDecode(encoded, out var a));
        Assert.That(EdwardsPoint.TryDecode(Convert.FromHexString(SmallOrder[4]), out var torsion));
        a.Add(CachedPoint.From(torsion));
        a.Encode(encoded);
        Assert.That(Ed25519PublicKey.TryDecode(encoded, out var key));

        var nonce = new byte[32];
        nonce[0] = 77;
        var signature = new byte[64];
        Multiplication.MultiplyBase(nonce, signature.AsSpan(0, 32));
        Span<byte> hash = stackalloc byte[64];
        Span<byte> k = stackalloc byte[32];
        var accepted = 0;
        for (byte message = 0; message < 64; message++)
        {
            Sha512.Hash(signature.AsSpan(0, 32), encoded, [message], default, hash);
            Scalar.Reduce(hash, k);
            Scalar.MultiplyAdd(k, scalar, nonce, signature.AsSpan(32));
            Assert.That(key!.Verify([message], signature), Is.EqualTo((k[0] & 7) == 0));
            accepted += (k[0] & 7) == 0 ? 1 : 0;
        }
        Assert.That(accepted, Is.Positive);
    }

    [Test]
    public void RefusesMisuse()
    {
        var key = Ed25519PrivateKey.Generate();
        Assert.Multiple(() =>
        {
            Assert.That(() => Ed25519PrivateKey.FromSeed(new byte[31]), Throws.ArgumentException);
            Assert.That(() => key.Sign(Message, new byte[63]), Throws.ArgumentException);
            Assert.That(() => key.ExportSeed(new byte[33]), Throws.ArgumentException);
        });
        key.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => key.Sign(Message, new byte[64]), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => key.ExportSeed(new byte[32]), Throws.TypeOf<ObjectDisposedException>());
        });
    }
}
