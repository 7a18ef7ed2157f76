using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

internal sealed class MLDsaTests
{
    private static readonly byte[] Message = "the message"u8.ToArray();

    [Test]
    public void HedgedSignaturesDifferAndVerify()
    {
        using var key = MLDsa44PrivateKey.Generate();
        var first = new byte[MLDsa44.SignatureSize];
        var second = new byte[MLDsa44.SignatureSize];
        key.Sign("context"u8, Message, first);
        key.Sign("context"u8, Message, second);
        Assert.Multiple(() =>
        {
            Assert.That(first, Is.Not.EqualTo(second));
            Assert.That(key.PublicKey.Verify("context"u8, Message, first));
            Assert.That(key.PublicKey.Verify("context"u8, Message, second));
            Assert.That(key.PublicKey.Verify("another"u8, Message, first), Is.False);
            Assert.That(key.PublicKey.Verify(default, Message, first), Is.False);
            Assert.That(key.PublicKey.Verify("context"u8, "another"u8, first), Is.False);
        });
    }

    [Test]
    public void DeterministicSignaturesRepeat()
    {
        using var key = MLDsa44PrivateKey.Generate();
        var first = new byte[MLDsa44.SignatureSize];
        var second = new byte[MLDsa44.SignatureSize];
        key.SignDeterministic("context"u8, Message, first);
        key.SignDeterministic("context"u8, Message, second);
        Assert.That(first, Is.EqualTo(second));
        Assert.That(key.PublicKey.Verify("context"u8, Message, first));
    }

    [Test]
    public void ExternalMuIsTheSameSignature()
    {
        using var key = MLDsa44PrivateKey.Generate();
        var signature = new byte[MLDsa44.SignatureSize];
        var mu = new byte[MLDsa44.MuSize];
        key.PublicKey.ComputeMu("context"u8, prefix: default, Message, mu);
        key.SignMu(mu, signature);
        Assert.Multiple(() =>
        {
            Assert.That(key.PublicKey.Verify("context"u8, Message, signature));
            Assert.That(key.PublicKey.VerifyMu(mu, signature));
            Assert.That(key.PublicKey.VerifyMu(mu.AsSpan(1), signature), Is.False);
            Assert.That(() => key.SignMu(mu.AsSpan(1), signature), Throws.ArgumentException);
        });
        mu[0] ^= 1;
        Assert.That(key.PublicKey.VerifyMu(mu, signature), Is.False);
    }

    [Test]
    public void RefusesAChangedBitInEveryByte()
    {
        using var key = MLDsa44PrivateKey.Generate();
        var signature = new byte[MLDsa44.SignatureSize];
        key.Sign(default, Message, signature);
        for (var i = 0; i < signature.Length; i++)
        {
            signature[i] ^= (byte)(1 << (i & 7));
            Assert.That(key.PublicKey.Verify(default, Message, signature), Is.False, $"byte {i}");
            signature[i] ^= (byte)(1 << (i & 7));
        }
        Assert.That(key.PublicKey.Verify(default, Message, signature));
    }

    [Test]
    public void WrongLengthsAreNotValidAndDoNotThrow()
    {
        using var key = MLDsa44PrivateKey.Generate();
        var signature = new byte[MLDsa44.SignatureSize + 1];
        key.Sign(default, Message, signature.AsSpan(0, MLDsa44.SignatureSize));
        foreach (var size in new[] { 0, 1, 32, 2419, 2420, 2421 })
            Assert.That(key.PublicKey.Verify(default, Message, signature.AsSpan(0, size)), Is.EqualTo(size == MLDsa44.SignatureSize), $"{size} bytes");
        Assert.That(key.PublicKey.Verify(new byte[256], Message, signature.AsSpan(0, MLDsa44.SignatureSize)), Is.False);
        foreach (var size in new[] { 0, 1311, 1313 })
            Assert.That(MLDsa44PublicKey.TryDecode(new byte[size], out _), Is.False);
        foreach (var size in new[] { 0, 2559, 2561 })
            Assert.That(MLDsa44PrivateKey.TryImportExpanded(new byte[size], out _), Is.False);
    }

    [Test]
    public void ExpandedKeysMustBeConsistent()
    {
        using var key = MLDsa44PrivateKey.Generate();
        var expanded = new byte[MLDsa44.ExpandedPrivateKeySize];
        key.ExportExpanded(expanded);
        Assert.That(MLDsa44PrivateKey.TryImportExpanded(expanded, out var imported));
        var signature = new byte[MLDsa44.SignatureSize];
        using (imported)
        {
            imported!.Sign(default, Message, signature);
            Assert.That(key.PublicKey.Verify(default, Message, signature));
            Assert.That(imported.HasSeed, Is.False);
            Assert.That(() => imported.ExportSeed(new byte[32]), Throws.InvalidOperationException);
        }

        // One bit of ρ, tr, s1, s2 and t0; K is free, since nothing public depends on it.
        foreach (var offset in new[] { 0, 64, 128, 128 + (4 * 96), 128 + (8 * 96), 2559 })
        {
            expanded[offset] ^= 1;
            Assert.That(MLDsa44PrivateKey.TryImportExpanded(expanded, out _), Is.False, $"byte {offset}");
            expanded[offset] ^= 1;
        }
        expanded[128] |= 7; // a coefficient of s1 out of range
        Assert.That(MLDsa44PrivateKey.TryImportExpanded(expanded, out _), Is.False);
    }

    [Test]
    public void RefusesMisuse()
    {
        var key = MLDsa44PrivateKey.Generate();
        var signature = new byte[MLDsa44.SignatureSize];
        Assert.Multiple(() =>
        {
            Assert.That(() => MLDsa44PrivateKey.FromSeed(new byte[31]), Throws.ArgumentException);
            Assert.That(() => key.Sign(default, Message, new byte[2419]), Throws.ArgumentException);
            Assert.That(() => key.Sign(new byte[256], Message, signature), Throws.ArgumentException);
            Assert.That(() => key.SignDeterministic(new byte[256], Message, signature), Throws.ArgumentException);
            Assert.That(() => key.ExportSeed(new byte[31]), Throws.ArgumentException);
            Assert.That(() => key.ExportExpanded(new byte[2561]), Throws.ArgumentException);
        });
        key.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => key.Sign(default, Message, signature), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => key.ExportExpanded(new byte[2560]), Throws.TypeOf<ObjectDisposedException>());
        });
    }
}
