using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

/// <summary>Ten thousand deterministic rounds of key generation, signing and verification, held to one digest each.</summary>
internal sealed class AccumulatedDigestTests
{
    private const int Rounds = 10_000;

    /// <summary>The accumulated test of C2SP's CCTV for ML-DSA-44: seeds from SHAKE128 of nothing; SHAKE128 over each public key and the deterministic
    /// signature of the empty message.</summary>
    [Test]
    public void MLDsa44MatchesTheDigestOfOtherImplementations()
    {
        var source = Shake.Create128();
        var hundred = Shake.Create128();
        var all = Shake.Create128();
        var seed = new byte[MLDsa44.SeedSize];
        var signature = new byte[MLDsa44.SignatureSize];
        for (var i = 0; i < Rounds; i++)
        {
            source.Squeeze(seed);
            using var key = MLDsa44PrivateKey.FromSeed(seed);
            key.SignDeterministic(default, default, signature);
            if (!key.PublicKey.Verify(default, default, signature))
                Assert.Fail($"Round {i} does not verify.");
            all.Absorb(key.PublicKey.Bytes);
            all.Absorb(signature);
            if (i < 100)
            {
                hundred.Absorb(key.PublicKey.Bytes);
                hundred.Absorb(signature);
            }
        }
        Assert.Multiple(() =>
        {
            Assert.That(Digest(hundred), Is.EqualTo("d51148e1f9f4fa1a723a6cf42e25f2a99eb5c1b378b3d2dbbd561b1203beeae4"));
            Assert.That(Digest(all), Is.EqualTo("e7fd21f6a59bcba60d65adc44404bb29a7c00e5d8d3ec06a732c00a306a7d143"));
        });
    }

    /// <summary>The same for Ed25519, the message of round i being the i mod 200 bytes that follow the seed in the stream. The digest was computed with OpenSSL.</summary>
    [Test]
    public void Ed25519MatchesTheDigestOfOpenSsl()
    {
        var source = Shake.Create128();
        var all = Shake.Create128();
        var seed = new byte[Ed25519.SeedSize];
        var signature = new byte[Ed25519.SignatureSize];
        for (var i = 0; i < Rounds; i++)
        {
            source.Squeeze(seed);
            var message = new byte[i % 200];
            source.Squeeze(message);
            using var key = Ed25519PrivateKey.FromSeed(seed);
            key.Sign(message, signature);
            if (!key.PublicKey.Verify(message, signature))
                Assert.Fail($"Round {i} does not verify.");
            all.Absorb(key.PublicKey.Bytes);
            all.Absorb(signature);
        }
        Assert.That(Digest(all), Is.EqualTo("0fbefaa5349e837a329a88981f7230e5508b6b18a5e3e8a0e47115aa74d6b497"));
    }

    private static string Digest(Shake hash)
    {
        var digest = new byte[32];
        hash.Squeeze(digest);
        return Convert.ToHexStringLower(digest);
    }
}
