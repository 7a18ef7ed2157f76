using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

internal sealed class HybridTests
{
    private static readonly byte[] Message = "the message"u8.ToArray();
    private static readonly byte[] Context = "a context"u8.ToArray();

    [Test]
    public void BothHalvesMustVerify()
    {
        using var key = HybridKey.Generate();
        var signature = Sign(key, Context, Message);
        Assert.That(signature, Has.Length.EqualTo(64 + 2420));
        Assert.That(key.PublicKey.Verify(Context, Message, signature));
        var other = Sign(key, Context, "another"u8.ToArray());
        Assert.Multiple(() =>
        {
            Assert.That(key.PublicKey.Verify(Context, Message, [.. signature[..64], .. other[64..]]), Is.False, "the ML-DSA half of another message");
            Assert.That(key.PublicKey.Verify(Context, Message, [.. other[..64], .. signature[64..]]), Is.False, "the Ed25519 half of another message");
            Assert.That(key.PublicKey.Verify(Context, "another"u8, signature), Is.False);
            Assert.That(key.PublicKey.Verify("another"u8, Message, signature), Is.False);
            Assert.That(key.PublicKey.Verify(default, Message, signature), Is.False);
        });
        foreach (var size in new[] { 0, 64, 2420, 2483, 2485 })
            Assert.That(key.PublicKey.Verify(Context, Message, new byte[size]), Is.False);
        Assert.That(key.PublicKey.Verify(new byte[256], Message, signature), Is.False);
    }

    /// <summary>No half is a signature of the bare message, nor of the framed one under ML-DSA's empty context.</summary>
    [Test]
    public void NoHalfCanBeLifted()
    {
        using var key = HybridKey.Generate();
        var signature = Sign(key, Context, Message);
        byte[] frame = [.. HybridSignature.Label, .. key.PublicKey.KeyId, (byte)Context.Length, .. Context];
        Assert.Multiple(() =>
        {
            Assert.That(key.Ed25519Key.PublicKey.Verify(Message, HybridSignature.Ed25519Half(signature)), Is.False);
            Assert.That(key.MLDsa44Key.PublicKey.Verify(default, Message, HybridSignature.MLDsa44Half(signature)), Is.False);
            Assert.That(key.MLDsa44Key.PublicKey.Verify(Context, Message, HybridSignature.MLDsa44Half(signature)), Is.False);
            Assert.That(key.MLDsa44Key.PublicKey.Verify(default, [.. frame, .. Message], HybridSignature.MLDsa44Half(signature)), Is.False);

            // What they do sign, as the documentation says it.
            Assert.That(HybridSignature.Label.Length, Is.EqualTo(32));
            Assert.That(key.Ed25519Key.PublicKey.Verify([.. frame, .. Message], HybridSignature.Ed25519Half(signature)));
            Assert.That(key.MLDsa44Key.PublicKey.Verify(HybridSignature.Label, [.. frame, .. Message], HybridSignature.MLDsa44Half(signature)));
        });
    }

    /// <summary>Two hybrid keys that share their Ed25519 half: signatures of one are none of the other, half by half.</summary>
    [Test]
    public void AHalfSharedWithAnotherKeyGivesNothingAway()
    {
        var seed = RandomNumberGenerator.GetBytes(32);
        using var first = HybridKey.FromSeeds(seed, RandomNumberGenerator.GetBytes(32));
        using var second = HybridKey.FromSeeds(seed, RandomNumberGenerator.GetBytes(32));
        var one = Sign(first, Context, Message);
        var two = Sign(second, Context, Message);
        Assert.That(second.PublicKey.Verify(Context, Message, [.. one[..64], .. two[64..]]), Is.False);
    }

    /// <summary>The context's length is framed: moving bytes between context and message changes what is signed.</summary>
    [Test]
    public void ContextAndMessageDoNotRunIntoEachOther()
    {
        using var key = HybridKey.Generate();
        var signature = Sign(key, "ab"u8.ToArray(), "c"u8.ToArray());
        Assert.That(key.PublicKey.Verify("ab"u8, "c"u8, signature));
        Assert.That(key.PublicKey.Verify("a"u8, "bc"u8, signature), Is.False);
        Assert.That(key.PublicKey.Verify("abc"u8, default, signature), Is.False);
        var longest = new byte[255];
        Assert.That(key.PublicKey.Verify(longest, Message, Sign(key, longest, Message)));
    }

    [Test]
    public void PublicKeysDecodeToEqualKeys()
    {
        using var key = HybridKey.Generate();
        Assert.That(HybridPublicKey.TryDecode(key.PublicKey.Bytes, out var decoded));
        Assert.Multiple(() =>
        {
            Assert.That(decoded, Is.EqualTo(key.PublicKey));
            Assert.That(decoded!.GetHashCode(), Is.EqualTo(key.PublicKey.GetHashCode()));
            Assert.That(decoded.KeyId.SequenceEqual(key.PublicKey.KeyId));
            Assert.That(decoded.Verify(Context, Message, Sign(key, Context, Message)));
            Assert.That(HybridPublicKey.TryDecode(key.PublicKey.Bytes[1..], out _), Is.False);
            Assert.That(HybridPublicKey.TryDecode(new byte[HybridPublicKey.Size], out _), Is.False, "y = 0 is a point of order 4");
        });
        using var other = HybridKey.Generate();
        Assert.That(decoded, Is.Not.EqualTo(other.PublicKey));
        Assert.That(decoded!.KeyId.SequenceEqual(other.PublicKey.KeyId), Is.False);
    }

    /// <summary>The frame, the label and the key id are part of the protocol: this pins them.</summary>
    [Test]
    public void KeyIdAndFrameArePinned()
    {
        var seed = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        using var key = HybridKey.FromSeeds(seed, seed);
        var tagged = SHA256.HashData([.. "Ogong hybrid public key id, v1.\0"u8, .. key.PublicKey.Bytes]);
        Assert.Multiple(() =>
        {
            Assert.That(key.PublicKey.KeyId.ToArray(), Is.EqualTo(tagged));
            Assert.That(key.PublicKey.ToString(), Is.EqualTo("b196b6fde42b77516fea45a1b8d97f1f6ffe3b34b53ad5bc3abecd4396f6d6f9"));
            Assert.That(Encoding.ASCII.GetString(HybridSignature.Label), Is.EqualTo("Ogong Ed25519+ML-DSA-44 hybrid 1"));
        });
    }

    [Test]
    public void RefusesMisuse()
    {
        var key = HybridKey.Generate();
        Assert.Multiple(() =>
        {
            Assert.That(() => key.Sign(new byte[256], Message, new byte[2484]), Throws.ArgumentException);
            Assert.That(() => key.Sign(Context, Message, new byte[2483]), Throws.ArgumentException);
            Assert.That(() => HybridKey.FromSeeds(new byte[31], new byte[32]), Throws.ArgumentException);
            Assert.That(() => HybridKey.FromSeeds(new byte[32], new byte[31]), Throws.ArgumentException);
        });
        key.Dispose();
        Assert.That(() => key.Sign(Context, Message, new byte[2484]), Throws.TypeOf<ObjectDisposedException>());
    }

    /// <summary>Disposing under signatures in progress on other threads: each either verifies or was refused.</summary>
    [Test]
    public void DisposingWaitsForSignaturesInProgress()
    {
        for (var round = 0; round < 20; round++)
        {
            var key = HybridKey.Generate();
            var publicKey = key.PublicKey;
            using var started = new Barrier(3);
            var signers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                var made = new List<byte[]>();
                started.SignalAndWait();
                try
                {
                    for (var i = 0; i < 100; i++)
                        made.Add(Sign(key, Context, Message));
                }
                catch (ObjectDisposedException)
                {
                    // Refused, as it must be once the key is gone.
                }
                return made;
            })).ToArray();
            started.SignalAndWait();
            Thread.SpinWait(round * 2000);
            key.Dispose();
            foreach (var signature in signers.SelectMany(signer => signer.Result))
                Assert.That(publicKey.Verify(Context, Message, signature));
        }
    }

    /// <summary>No heap allocation in sign and verify, of either scheme and of both, once a thread has signed and verified.</summary>
    [Test]
    public void SigningAndVerifyingAllocateNothing()
    {
        using var key = HybridKey.Generate();
        var signature = new byte[HybridSignature.Size];
        var message = new byte[1000];
        Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
            Round();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Round()
        {
            key.Sign(Context, message, signature);
            _ = key.PublicKey.Verify(Context, message, signature);
            key.Ed25519Key.Sign(message, signature.AsSpan(0, 64));
            _ = key.Ed25519Key.PublicKey.Verify(message, signature.AsSpan(0, 64));
            key.MLDsa44Key.SignDeterministic(Context, message, signature.AsSpan(64));
            _ = key.MLDsa44Key.PublicKey.Verify(Context, message, signature.AsSpan(64));
        }
    }

    private static byte[] Sign(ISigner signer, byte[] context, byte[] message)
    {
        var signature = new byte[HybridSignature.Size];
        signer.Sign(context, message, signature);
        return signature;
    }
}
