using System.Text.Json;
using System.Text;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

/// <summary>Every case of the Wycheproof files for Ed25519 and ML-DSA-44. The policy for result classes is <see cref="WycheproofFile.Run"/>'s.</summary>
internal sealed class WycheproofTests
{
    [Test]
    public void Ed25519Verify() => WycheproofFile.Run("ed25519_test.json", valid: 88, invalid: 63, static (group, test) =>
    {
        var publicKey = group.GetProperty("publicKey").Hex("pk");
        if (!Ed25519PublicKey.TryDecode(publicKey, out var key))
            return false;
        Assert.That(Ed25519PublicKey.ImportPem(group.GetProperty("publicKeyPem").GetString()), Is.EqualTo(key));
        Assert.That(SubjectPublicKeyInfo.Encode(Ed25519.ObjectIdentifier, publicKey), Is.EqualTo(group.Hex("publicKeyDer")));
        return key.Verify(test.Hex("msg"), test.Hex("sig"));
    });

    [Test]
    public void MLDsa44Verify() => WycheproofFile.Run("mldsa_44_verify_test.json", valid: 77, invalid: 103, static (group, test) =>
    {
        var publicKey = group.Hex("publicKey");
        if (!MLDsa44PublicKey.TryDecode(publicKey, out var key))
            return false;
        Assert.That(SubjectPublicKeyInfo.Encode(MLDsa44.ObjectIdentifier, publicKey), Is.EqualTo(group.Hex("publicKeyDer")));
        return key.Verify(test.Hex("ctx"), test.Hex("msg"), test.Hex("sig"));
    });

    [Test]
    public void MLDsa44SignWithSeed()
    {
        var rejections = default(MLDsaRejections);
        WycheproofFile.Run("mldsa_44_sign_seed_test.json", valid: 82, invalid: 4, (group, test) =>
        {
            var seed = group.Hex("privateSeed");
            if (seed.Length != MLDsa44.SeedSize)
            {
                Assert.That(() => MLDsa44PrivateKey.FromSeed(seed), Throws.ArgumentException);
                return false;
            }
            using var key = MLDsa44PrivateKey.FromSeed(seed);
            Assert.That(Convert.ToHexStringLower(key.PublicKey.Bytes), Is.EqualTo(group.GetProperty("publicKey").GetString()));
            if (group.TryGetProperty("privateKeyPkcs8", out _))
                CheckPrivateKeyInfo(key, group.Hex("privateKeyPkcs8"));
            return Signs(key, test, ref rejections);
        });
        AssertEveryRejectionWasTaken(rejections);
    }

    [Test]
    public void MLDsa44SignWithoutSeed()
    {
        var rejections = default(MLDsaRejections);
        WycheproofFile.Run("mldsa_44_sign_noseed_test.json", valid: 68, invalid: 5, (group, test) =>
        {
            var expanded = group.Hex("privateKey");
            if (!MLDsa44PrivateKey.TryImportExpanded(expanded, out var key))
                return false;
            using (key)
            {
                var exported = new byte[MLDsa44.ExpandedPrivateKeySize];
                key.ExportExpanded(exported);
                Assert.That(exported, Is.EqualTo(expanded));
                Assert.That(Convert.ToHexStringLower(key.PublicKey.Bytes), Is.EqualTo(group.GetProperty("publicKey").GetString()));
                return Signs(key, test, ref rejections);
            }
        });
        AssertEveryRejectionWasTaken(rejections);
    }

    /// <summary>Signs as the test asks (context, randomness, or a μ without a message) and compares with its signature, which must verify too.</summary>
    private static bool Signs(MLDsa44PrivateKey key, JsonElement test, ref MLDsaRejections rejections)
    {
        var context = test.Hex("ctx");
        var message = test.Hex("msg");
        var signature = new byte[MLDsa44.SignatureSize];
        if (context.Length > MLDsa44.MaxContextSize)
        {
            Assert.That(() => key.Sign(context, message, signature), Throws.ArgumentException);
            return false;
        }
        var mu = test.Hex("mu");
        if (test.TryGetProperty("msg", out _))
        {
            var computed = new byte[MLDsa44.MuSize];
            key.PublicKey.ComputeMu(context, prefix: default, message, computed);
            Assert.That(mu.Length == 0 || mu.AsSpan().SequenceEqual(computed), "μ differs");
            mu = computed;
        }
        var randomness = test.TryGetProperty("rnd", out _) ? test.Hex("rnd") : new byte[MLDsa44.RandomnessSize];
        key.SignMu(mu, randomness, signature, ref rejections);
        var expected = test.Hex("sig");
        return signature.AsSpan().SequenceEqual(expected) && key.PublicKey.VerifyMu(mu, expected);
    }

    private static void CheckPrivateKeyInfo(MLDsa44PrivateKey key, byte[] der)
    {
        PrivateKeyInfo.Decode(der, out _, out var decoded);
        using (decoded)
            Assert.That(decoded!.PublicKey, Is.EqualTo(key.PublicKey));
        var pem = new StringBuilder().Append(System.Security.Cryptography.PemEncoding.Write("PRIVATE KEY", der)).ToString();
        using var imported = MLDsa44PrivateKey.ImportPem(pem);
        Assert.That(imported.PublicKey, Is.EqualTo(key.PublicKey));
    }

    private static void AssertEveryRejectionWasTaken(MLDsaRejections rejections) => Assert.Multiple(() =>
    {
        Assert.That(rejections.Z, Is.Positive);
        Assert.That(rejections.R0, Is.Positive);
        Assert.That(rejections.Ct0, Is.Positive);
        Assert.That(rejections.Hint, Is.Positive);
    });
}
