using System.Runtime.Intrinsics.X86;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

internal sealed class KeccakTests
{
    // NIST's examples with intermediate values: messages of 0 and of 1600 bits (the byte A3, 200 times); the first 64 bytes of output.
    [TestCase(128, 0, "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef263cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2")]
    [TestCase(128, 200, "131ab8d2b594946b9c81333f9bb6e0ce75c3b93104fa3469d3917457385da037cf232ef7164a6d1eb448c8908186ad852d3f85a5cf28da1ab6fe343817197846")]
    [TestCase(256, 0, "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762fd75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be")]
    [TestCase(256, 200, "cd8a920ed141aa0407a22d59288652e9d9f1a7ee0c1e7c1ca699424da84a904d2d700caae7396ece96604440577da4f3aa22aeb8857f961c4cd8e06f0ae6610b")]
    public void MatchesTheNistExamples(int strength, int messageSize, string expected)
    {
        var message = new byte[messageSize];
        Array.Fill(message, (byte)0xA3);
        Assert.That(Convert.ToHexStringLower(Hash(strength, message, 64)), Is.EqualTo(expected));
    }

    /// <summary>Every message and output length around the block boundaries, cut in pieces at random, against the platform.</summary>
    [TestCase(128)]
    [TestCase(256)]
    public void MatchesThePlatform(int strength)
    {
        if (!Shake128.IsSupported)
            Assert.Ignore("The platform has no SHAKE.");
        var random = new Random(strength);
        for (var size = 0; size < 400; size++)
        {
            var message = new byte[size];
            random.NextBytes(message);
            var expected = strength == 128 ? Shake128.HashData(message, 400) : Shake256.HashData(message, 400);
            var hash = strength == 128 ? Shake.Create128() : Shake.Create256();
            for (int at = 0, next; at < size; at = next)
            {
                next = Math.Min(size, at + random.Next(1, 100));
                hash.Absorb(message.AsSpan(at..next));
            }
            var actual = new byte[400];
            for (int at = 0, next; at < 400; at = next)
            {
                next = Math.Min(400, at + random.Next(1, 200));
                hash.Squeeze(actual.AsSpan(at..next));
            }
            Assert.That(actual, Is.EqualTo(expected), $"{size} bytes");
        }
    }

    [Test]
    public void RefusesInputAfterOutput()
    {
        var hash = Shake.Create128();
        hash.Squeeze(new byte[1]);
        Assert.That(() => hash.Absorb([1]), Throws.InvalidOperationException);
    }

    [Test]
    public void ClearsItsState()
    {
        var hash = Shake.Create256();
        hash.Absorb("secret"u8);
        hash.Clear();
        Assert.That(hash.StateIsZero, Is.True);
    }

    [Test]
    public void FourStatesSideBySideAreFourStates() => SideBySide<Vector256<ulong>, Lane4>(4);

    [Test]
    public void EightStatesSideBySideAreEightStates()
    {
        if (!Avx512F.IsSupported)
            Assert.Ignore("This processor has no AVX-512.");
        SideBySide<Vector512<ulong>, Lane8>(8);
    }

    private static unsafe void SideBySide<T, TLane>(int count)
        where T : unmanaged
        where TLane : ILane<T>
    {
        var random = new Random(count);
        var expected = new ulong[count][];
        var lanes = stackalloc T[KeccakF1600.LaneCount];
        var words = (ulong*)lanes;
        for (var i = 0; i < count; i++)
        {
            expected[i] = new ulong[KeccakF1600.LaneCount];
            for (var j = 0; j < KeccakF1600.LaneCount; j++)
                words[(j * count) + i] = expected[i][j] = (ulong)random.NextInt64();
            KeccakF1600.Permute<ulong, Lane1>(ref expected[i][0]);
        }
        KeccakF1600.Permute<T, TLane>(ref lanes[0]);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < KeccakF1600.LaneCount; j++)
                Assert.That(words[(j * count) + i], Is.EqualTo(expected[i][j]), $"state {i}, lane {j}");
        }
    }

    private static byte[] Hash(int strength, byte[] message, int outputSize)
    {
        var hash = strength == 128 ? Shake.Create128() : Shake.Create256();
        hash.Absorb(message);
        var output = new byte[outputSize];
        hash.Squeeze(output);
        return output;
    }
}
