using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

/// <summary>Keys and signatures made here are good elsewhere, and the reverse: Ed25519 with the openssl command, ML-DSA-44 with Node.js 24 (OpenSSL 3.5).</summary>
internal sealed class InteroperabilityTests
{
    private const string Password = "pass word";
    private static readonly byte[] Message = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("ogong-signatures-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void OpenSslReadsOurEd25519()
    {
        var openssl = Requirement.OpenSsl();
        using var key = HybridKey.Generate();
        var signature = new byte[Ed25519.SignatureSize];
        key.Ed25519Key.Sign(Message, signature);
        File.WriteAllBytes(At("message"), Message);
        File.WriteAllBytes(At("signature"), signature);
        File.WriteAllText(At("public.pem"), key.PublicKey.ExportPem()); // the Ed25519 block comes first
        Requirement.Run(openssl, ["pkeyutl", "-verify", "-pubin", "-inkey", At("public.pem"), "-rawin", "-in", At("message"), "-sigfile", At("signature")]);

        File.WriteAllText(At("private.pem"), new string(key.ExportPem()));
        File.WriteAllText(At("encrypted.pem"), new string(key.Ed25519Key.ExportEncryptedPem(Password)));
        foreach (var file in new[] { "private.pem", "encrypted.pem" })
        {
            Requirement.Run(openssl, ["pkey", "-in", At(file), "-passin", "pass:" + Password, "-pubout", "-out", At("derived.pem")]);
            Assert.That(Ed25519PublicKey.ImportPem(File.ReadAllText(At("derived.pem"))), Is.EqualTo(key.PublicKey.Ed25519Key));
        }
    }

    [Test]
    public void WeReadOpenSslsEd25519()
    {
        var openssl = Requirement.OpenSsl();
        File.WriteAllBytes(At("message"), Message);
        Requirement.Run(openssl, ["genpkey", "-algorithm", "ed25519", "-out", At("private.pem")]);
        Requirement.Run(openssl, ["pkey", "-in", At("private.pem"), "-pubout", "-out", At("public.pem")]);
        Requirement.Run(openssl, ["pkeyutl", "-sign", "-inkey", At("private.pem"), "-rawin", "-in", At("message"), "-out", At("signature")]);
        var publicKey = Ed25519PublicKey.ImportPem(File.ReadAllText(At("public.pem")));
        var signature = File.ReadAllBytes(At("signature"));
        Assert.That(publicKey.Verify(Message, signature));

        // Deterministic, so the signature is the same one. And the key again under PBES2, in each variant read here.
        using var key = Ed25519PrivateKey.ImportPem(File.ReadAllText(At("private.pem")));
        var ours = new byte[Ed25519.SignatureSize];
        key.Sign(Message, ours);
        Assert.That(ours, Is.EqualTo(signature));
        foreach (var (cipher, prf) in new[] { ("aes-256-cbc", "hmacWithSHA256"), ("aes-128-cbc", "hmacWithSHA512"), ("aes-192-cbc", "hmacWithSHA384") })
        {
            Encrypt(openssl, cipher, prf);
            using var imported = Ed25519PrivateKey.ImportPem(File.ReadAllText(At("encrypted.pem")), Password);
            Assert.That(imported.PublicKey, Is.EqualTo(publicKey));
        }
        foreach (var (cipher, prf) in new[] { ("aes-256-cbc", "hmacWithSHA1"), ("des3", "hmacWithSHA256") })
        {
            Encrypt(openssl, cipher, prf);
            Assert.That(() => Ed25519PrivateKey.ImportPem(File.ReadAllText(At("encrypted.pem")), Password), Throws.TypeOf<KeyFormatException>());
        }
    }

    /// <summary>Every truncation and every changed byte of an encrypted key (one PBKDF2 iteration, so that it is quick) fails typed.</summary>
    [Test]
    public void DamagedEncryptionFailsTyped()
    {
        var openssl = Requirement.OpenSsl();
        Requirement.Run(openssl, ["genpkey", "-algorithm", "ed25519", "-out", At("private.pem")]);
        Encrypt(openssl, "aes-256-cbc", "hmacWithSHA256");
        var pem = File.ReadAllText(At("encrypted.pem"));
        var der = Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
        using var original = Ed25519PrivateKey.ImportPem(pem, Password);
        var random = new Random(12);
        var refused = 0;
        for (var i = 0; i < der.Length; i++)
        {
            foreach (var bytes in new byte[][] { [.. der[..i], (byte)(der[i] ^ (1 << random.Next(4))), .. der[(i + 1)..]], der[..i] })
            {
                try
                {
                    Ed25519PrivateKey.ImportPem(PemEncoding.Write("ENCRYPTED PRIVATE KEY", bytes), Password).Dispose();
                }
                catch (KeyFormatException)
                {
                    refused++;
                }
            }
        }
        Assert.That(refused, Is.GreaterThan((2 * der.Length) - 40)); // CBC without a tag lets some changes of the padding or the seed through
    }

    [Test]
    public void NodeReadsOurMLDsa44()
    {
        var node = Requirement.Node24();
        using var key = HybridKey.Generate();
        var signature = new byte[MLDsa44.SignatureSize];
        key.MLDsa44Key.Sign(default, Message, signature);
        var expanded = new byte[MLDsa44.ExpandedPrivateKeySize];
        key.MLDsa44Key.ExportExpanded(expanded);
        Assert.That(MLDsa44PrivateKey.TryImportExpanded(expanded, out var withoutSeed));
        File.WriteAllBytes(At("message"), Message);
        File.WriteAllBytes(At("signature"), signature);
        File.WriteAllText(At("public.pem"), key.PublicKey.MLDsa44Key.ExportPem());
        File.WriteAllText(At("seed.pem"), new string(key.MLDsa44Key.ExportPem()));
        File.WriteAllText(At("expanded.pem"), new string(withoutSeed!.ExportPem()));
        File.WriteAllText(At("encrypted.pem"), new string(key.MLDsa44Key.ExportEncryptedPem(Password)));
        withoutSeed.Dispose();
        Run(node, $$"""
            const pub = createPublicKey(read('public.pem'));
            if (!verify(null, read('message'), pub, read('signature'))) throw new Error('signature');
            for (const file of ['seed.pem', 'expanded.pem', 'encrypted.pem'])
                if (!createPublicKey(createPrivateKey({ key: read(file), passphrase: '{{Password}}' })).equals(pub)) throw new Error(file);
            """);

        signature[100] ^= 1;
        File.WriteAllBytes(At("signature"), signature);
        Run(node, "if (verify(null, read('message'), createPublicKey(read('public.pem')), read('signature'))) throw new Error('accepted');");
    }

    [Test]
    public void WeReadNodesMLDsa44()
    {
        var node = Requirement.Node24();
        File.WriteAllBytes(At("message"), Message);
        Run(node, $$"""
            const { publicKey, privateKey } = generateKeyPairSync('ml-dsa-44');
            write('public.pem', publicKey.export({ type: 'spki', format: 'pem' }));
            write('private.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
            write('encrypted.pem', privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: '{{Password}}' }));
            for (let i = 0; i < 10; i++) write('signature' + i, sign(null, read('message'), privateKey));
            """);
        var publicKey = MLDsa44PublicKey.ImportPem(File.ReadAllText(At("public.pem")));
        for (var i = 0; i < 10; i++)
        {
            Assert.That(publicKey.Verify(default, Message, File.ReadAllBytes(At($"signature{i}"))));
            Assert.That(publicKey.Verify("context"u8, Message, File.ReadAllBytes(At($"signature{i}"))), Is.False);
        }
        using var key = MLDsa44PrivateKey.ImportPem(File.ReadAllText(At("private.pem")));
        using var decrypted = MLDsa44PrivateKey.ImportPem(File.ReadAllText(At("encrypted.pem")), Password);
        Assert.That(key.PublicKey, Is.EqualTo(publicKey));
        Assert.That(decrypted.PublicKey, Is.EqualTo(publicKey));
    }

    private string At(string file) => Path.Combine(folder, file);

    private void Encrypt(string openssl, string cipher, string prf) => Requirement.Run(
        openssl,
        ["pkcs8", "-topk8", "-v2", cipher, "-v2prf", prf, "-iter", "1", "-in", At("private.pem"), "-out", At("encrypted.pem"), "-passout", "pass:" + Password]);

    private void Run(string node, string script)
    {
        File.WriteAllText(At("script.cjs"), $$"""
            const { createPublicKey, createPrivateKey, generateKeyPairSync, sign, verify } = require('node:crypto');
            const { readFileSync, writeFileSync } = require('node:fs');
            const { join } = require('node:path');
            const read = (file) => readFileSync(join(__dirname, file));
            const write = (file, data) => writeFileSync(join(__dirname, file), data);
            {{script}}
            """);
        Requirement.Run(node, [At("script.cjs")]);
    }
}
