using System.Formats.Asn1;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

internal sealed class PemTests
{
    private const string Password = "correct horse, Pferd, 馬";

    [Test]
    public void KeysSurviveTheRoundTrip()
    {
        using var key = HybridKey.Generate();
        var pem = key.ExportPem();
        using var imported = HybridKey.ImportPem(pem);
        Assert.Multiple(() =>
        {
            Assert.That(imported.PublicKey, Is.EqualTo(key.PublicKey));
            Assert.That(Seeds(imported), Is.EqualTo(Seeds(key)));
            Assert.That(new string(pem).Split("-----BEGIN PRIVATE KEY-----"), Has.Length.EqualTo(3), "two blocks");
            Assert.That(HybridPublicKey.ImportPem(key.PublicKey.ExportPem()), Is.EqualTo(key.PublicKey));
        });

        // Each half is readable alone, from the same text, in either order.
        var reversed = new string([.. key.MLDsa44Key.ExportPem(), '\n', .. key.Ed25519Key.ExportPem()]);
        foreach (var text in new[] { new string(pem), reversed })
        {
            using var ed25519Key = Ed25519PrivateKey.ImportPem(text);
            using var mlDsa44Key = MLDsa44PrivateKey.ImportPem(text);
            Assert.That(ed25519Key.PublicKey, Is.EqualTo(key.PublicKey.Ed25519Key));
            Assert.That(mlDsa44Key.PublicKey, Is.EqualTo(key.PublicKey.MLDsa44Key));
        }
        Assert.That(Ed25519PublicKey.ImportPem(key.PublicKey.ExportPem()), Is.EqualTo(key.PublicKey.Ed25519Key));
        Assert.That(MLDsa44PublicKey.ImportPem(key.PublicKey.ExportPem()), Is.EqualTo(key.PublicKey.MLDsa44Key));
    }

    [Test]
    public void EncryptedKeysNeedTheirPassword()
    {
        using var key = HybridKey.Generate();
        var pem = key.ExportEncryptedPem(Password);
        Assert.That(new string(pem), Does.Contain("ENCRYPTED PRIVATE KEY").And.Not.Contain("BEGIN PRIVATE KEY"));
        using (var imported = HybridKey.ImportPem(pem, Password))
            Assert.That(Seeds(imported), Is.EqualTo(Seeds(key)));
        Assert.Multiple(() =>
        {
            Assert.That(() => HybridKey.ImportPem(pem), Throws.TypeOf<KeyFormatException>());
            Assert.That(() => HybridKey.ImportPem(pem, "wrong"), Throws.TypeOf<KeyFormatException>());
            Assert.That(() => key.ExportEncryptedPem(default), Throws.ArgumentException);
        });
    }

    [Test]
    public void ExpandedKeysAreStoredExpanded()
    {
        using var key = HybridKey.Generate();
        var expanded = new byte[MLDsa44.ExpandedPrivateKeySize];
        key.MLDsa44Key.ExportExpanded(expanded);
        Assert.That(MLDsa44PrivateKey.TryImportExpanded(expanded, out var imported));
        using (imported)
        {
            using var again = MLDsa44PrivateKey.ImportPem(imported!.ExportPem());
            Assert.That(again.PublicKey, Is.EqualTo(key.PublicKey.MLDsa44Key));
            Assert.That(again.HasSeed, Is.False);
        }
    }

    [Test]
    public void RefusesMissingDoubledAndForeignKeys()
    {
        using var key = HybridKey.Generate();
        var ed25519 = new string(key.Ed25519Key.ExportPem()) + "\n";
        var mlDsa44 = new string(key.MLDsa44Key.ExportPem()) + "\n";
        using var rsa = RSA.Create(1024);
        Assert.Multiple(() =>
        {
            foreach (var text in new[]
            {
                "", "no key", ed25519, mlDsa44, ed25519 + ed25519 + mlDsa44, ed25519 + mlDsa44 + mlDsa44, key.PublicKey.ExportPem(),
                new string(' ', KeyPem.MaxLength) + ed25519 + mlDsa44, string.Concat(Enumerable.Repeat(rsa.ExportPkcs8PrivateKeyPem() + "\n", 9)),
            })
                Assert.That(() => HybridKey.ImportPem(text), Throws.TypeOf<KeyFormatException>());
            Assert.That(() => HybridPublicKey.ImportPem(key.PublicKey.Ed25519Key.ExportPem()), Throws.TypeOf<KeyFormatException>());
            Assert.That(() => HybridPublicKey.ImportPem(ed25519 + mlDsa44), Throws.TypeOf<KeyFormatException>());
        });
        using var among = HybridKey.ImportPem(rsa.ExportPkcs8PrivateKeyPem() + "\n" + ed25519 + mlDsa44);
        Assert.That(among.PublicKey, Is.EqualTo(key.PublicKey));
    }

    /// <summary>The three forms of an ML-DSA private key, and version 2 with a public key inside, right and wrong.</summary>
    [Test]
    public void ReadsEveryFormAndChecksWhatIsRedundant()
    {
        using var key = HybridKey.Generate();
        var (seed, mlDsaSeed) = Seeds(key);
        var expanded = new byte[MLDsa44.ExpandedPrivateKeySize];
        key.MLDsa44Key.ExportExpanded(expanded);
        var both = Inner(writer =>
        {
            using (writer.PushSequence())
            {
                writer.WriteOctetString(mlDsaSeed);
                writer.WriteOctetString(expanded);
            }
        });
        var raw = Inner(writer => writer.WriteOctetString(seed));
        Assert.Multiple(() =>
        {
            Assert.That(Reads(Info(MLDsa44.ObjectIdentifier, both)));
            Assert.That(Reads(Info(MLDsa44.ObjectIdentifier, Inner(writer => writer.WriteOctetString(expanded)))));
            Assert.That(Reads(Info(MLDsa44.ObjectIdentifier, Inner(writer => writer.WriteOctetString(mlDsaSeed, new Asn1Tag(TagClass.ContextSpecific, 0))))));
            Assert.That(Reads(Info(Ed25519.ObjectIdentifier, raw)));
            Assert.That(Reads(Info(Ed25519.ObjectIdentifier, raw, version: 1, key.PublicKey.Ed25519Key.Bytes.ToArray())));

            Assert.That(Reads(Info(Ed25519.ObjectIdentifier, raw, version: 1, new byte[32])), Is.False, "another public key");
            Assert.That(Reads(Info(Ed25519.ObjectIdentifier, raw, version: 2)), Is.False, "version 3");
            Assert.That(Reads(Info(Ed25519.ObjectIdentifier, raw, version: 0, key.PublicKey.Ed25519Key.Bytes.ToArray())), Is.False, "version 1 has no public key");
            Assert.That(Reads(Info(Ed25519.ObjectIdentifier, Inner(writer => writer.WriteOctetString(seed.AsSpan(1))))), Is.False, "31 bytes");
            Assert.That(Reads([.. Info(Ed25519.ObjectIdentifier, raw), 0]), Is.False, "a byte too many");
            expanded[40] ^= 1;
            Assert.That(Reads(Info(MLDsa44.ObjectIdentifier, Inner(writer =>
            {
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(mlDsaSeed);
                    writer.WriteOctetString(expanded);
                }
            }))), Is.False, "seed and expanded form differ");
        });
    }

    /// <summary>Every truncation and every changed byte gives a key or a <see cref="KeyFormatException"/>, nothing else.</summary>
    [Test]
    public void DamagedTextFailsTyped()
    {
        using var key = HybridKey.Generate();
        var random = new Random(11);
        var parts = new (byte[] Der, string Label)[]
        {
            (PrivateKeyInfo.Encode(key.Ed25519Key), "PRIVATE KEY"), (PrivateKeyInfo.Encode(key.MLDsa44Key), "PRIVATE KEY"),
            (SubjectPublicKeyInfo.Encode(Ed25519.ObjectIdentifier, key.PublicKey.Ed25519Key.Bytes), "PUBLIC KEY"),
        };
        var refused = 0;
        foreach (var (der, label) in parts)
        {
            for (var i = 0; i < der.Length; i++)
            {
                byte[] changed = [.. der];
                changed[i] ^= (byte)random.Next(1, 256);
                Try(PemEncoding.WriteString(label, changed));
                Try(PemEncoding.WriteString(label, der.AsSpan(0, i)));
            }
        }
        Assert.That(refused, Is.GreaterThan(parts.Sum(part => part.Der.Length)), "every truncation, and changes of the frame");

        void Try(string text)
        {
            try
            {
                KeyPem.ReadPrivate(text, default, out var ed25519Key, out var mlDsa44Key);
                ed25519Key?.Dispose();
                mlDsa44Key?.Dispose();
                KeyPem.ReadPublic(text, out _, out _);
            }
            catch (KeyFormatException)
            {
                refused++;
            }
        }
    }

    private static (byte[] Ed25519Seed, byte[] MLDsaSeed) Seeds(HybridKey key)
    {
        var seeds = (new byte[32], new byte[32]);
        key.Ed25519Key.ExportSeed(seeds.Item1);
        key.MLDsa44Key.ExportSeed(seeds.Item2);
        return seeds;
    }

    private static bool Reads(byte[] der)
    {
        try
        {
            KeyPem.ReadPrivate(PemEncoding.Write("PRIVATE KEY", der), default, out var ed25519Key, out var mlDsa44Key);
            ed25519Key?.Dispose();
            mlDsa44Key?.Dispose();
            return ed25519Key is not null || mlDsa44Key is not null;
        }
        catch (KeyFormatException)
        {
            return false;
        }
    }

    private static byte[] Inner(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }

    private static byte[] Info(string objectIdentifier, byte[] inner, int version = 0, byte[]? publicKey = null) => Inner(writer =>
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(version);
            using (writer.PushSequence())
                writer.WriteObjectIdentifier(objectIdentifier);
            writer.WriteOctetString(inner);
            if (publicKey is not null)
                writer.WriteBitString(publicKey, tag: new Asn1Tag(TagClass.ContextSpecific, 1));
        }
    });
}
