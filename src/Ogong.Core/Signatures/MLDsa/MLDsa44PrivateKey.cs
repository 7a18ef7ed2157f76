using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>A private key of ML-DSA-44 (FIPS 204), expanded once for signing. Owns its memory and zeroes it when disposed.</summary>
/// <remarks>Safe for concurrent use. Signing allocates nothing.</remarks>
public sealed class MLDsa44PrivateKey : IDisposable
{
    // The secret memory: skEncode ‖ ξ ‖ ŝ1 ‖ ŝ2 ‖ t̂0, the transforms at a multiple of 64 bytes.
    private const int SeedOffset = MLDsa44.ExpandedPrivateKeySize;
    private const int TransformOffset = 2624;
    private const int TransformSize = (MLDsa44.L + MLDsa44.K + MLDsa44.K) * MLDsa44.N * sizeof(int);

    private readonly SecretMemory memory;

    private MLDsa44PrivateKey(SecretMemory memory, MLDsa44PublicKey publicKey, bool hasSeed)
    {
        this.memory = memory;
        PublicKey = publicKey;
        HasSeed = hasSeed;
    }

    /// <summary>The key that verifies this key's signatures.</summary>
    public MLDsa44PublicKey PublicKey { get; }

    /// <summary>Whether the key knows its seed ξ; one imported in expanded form does not.</summary>
    public bool HasSeed { get; }

    /// <summary>ML-DSA.KeyGen (FIPS 204, algorithm 1) with a seed from the operating system.</summary>
    public static MLDsa44PrivateKey Generate() => RandomSeed.Use(FromSeed);

    /// <summary>ML-DSA.KeyGen_internal (FIPS 204, algorithm 6): the key of the seed ξ.</summary>
    /// <param name="seed"><see cref="MLDsa44.SeedSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public static MLDsa44PrivateKey FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != MLDsa44.SeedSize)
            throw new ArgumentException($"A seed of ML-DSA-44 is {MLDsa44.SeedSize} bytes.", nameof(seed));
        var memory = new SecretMemory(TransformOffset + TransformSize);
        using var secret = memory.Borrow();
        seed.CopyTo(secret.Bytes[SeedOffset..]);
        var publicKey = MLDsaKeyGeneration.Generate(seed, secret.Bytes[..MLDsa44.ExpandedPrivateKeySize]);
        MLDsaKeyGeneration.TryTransform(secret.Bytes[..MLDsa44.ExpandedPrivateKeySize], Transforms(secret));
        return new MLDsa44PrivateKey(memory, publicKey, hasSeed: true);
    }

    /// <summary>Imports the expanded form (<c>skEncode</c>), <see cref="MLDsa44.ExpandedPrivateKeySize"/> bytes.</summary>
    /// <returns>False when the length is wrong, a coefficient is out of range, or t0 or tr do not belong to ρ, s1 and s2.</returns>
    public static bool TryImportExpanded(ReadOnlySpan<byte> source, [NotNullWhen(true)] out MLDsa44PrivateKey? key)
    {
        key = null;
        if (source.Length != MLDsa44.ExpandedPrivateKeySize)
            return false;
        var memory = new SecretMemory(TransformOffset + TransformSize);
        using (var secret = memory.Borrow())
        {
            source.CopyTo(secret.Bytes);
            if (MLDsaKeyGeneration.TryTransform(secret.Bytes[..MLDsa44.ExpandedPrivateKeySize], Transforms(secret))
                && MLDsaKeyGeneration.TryRecoverPublicKey(secret.Bytes[..MLDsa44.ExpandedPrivateKeySize], out var publicKey))
                key = new MLDsa44PrivateKey(memory, publicKey, hasSeed: false);
        }
        if (key is null)
            memory.Dispose();
        return key is not null;
    }

    /// <summary>Imports the ML-DSA-44 key of a PEM text: PKCS#8, encrypted (PBES2) or not. Keys of other schemes in the text are passed over.</summary>
    /// <param name="pem">The text, at most 65536 characters.</param>
    /// <param name="password">The password; ignored by blocks that are not encrypted.</param>
    /// <exception cref="KeyFormatException">The text holds no such key, two, or a damaged one, or the password is wrong.</exception>
    public static MLDsa44PrivateKey ImportPem(ReadOnlySpan<char> pem, ReadOnlySpan<char> password = default)
    {
        KeyPem.ReadPrivate(pem, password, out var ed25519Key, out var mlDsa44Key);
        ed25519Key?.Dispose();
        return KeyPem.Require(mlDsa44Key, "ML-DSA-44");
    }

    /// <summary>Copies the seed ξ.</summary>
    /// <param name="destination"><see cref="MLDsa44.SeedSize"/> bytes, for the caller to wipe.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <exception cref="InvalidOperationException">The key was imported in expanded form.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        if (destination.Length != MLDsa44.SeedSize)
            throw new ArgumentException($"A seed of ML-DSA-44 is {MLDsa44.SeedSize} bytes.", nameof(destination));
        if (!HasSeed)
            throw new InvalidOperationException("The key was imported in expanded form, which does not hold the seed.");
        using var secret = memory.Borrow();
        secret.Bytes.Slice(SeedOffset, MLDsa44.SeedSize).CopyTo(destination);
    }

    /// <summary>Copies the expanded form (<c>skEncode</c>).</summary>
    /// <param name="destination"><see cref="MLDsa44.ExpandedPrivateKeySize"/> bytes, for the caller to wipe.</param>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    public void ExportExpanded(Span<byte> destination)
    {
        if (destination.Length != MLDsa44.ExpandedPrivateKeySize)
            throw new ArgumentException($"An expanded key of ML-DSA-44 is {MLDsa44.ExpandedPrivateKeySize} bytes.", nameof(destination));
        using var secret = memory.Borrow();
        secret.Bytes[..MLDsa44.ExpandedPrivateKeySize].CopyTo(destination);
    }

    /// <summary>ML-DSA.Sign in pure mode, hedged: fresh randomness from the operating system enters every signature (FIPS 204, algorithm 2).</summary>
    /// <param name="context">The context string, at most 255 bytes.</param>
    /// <param name="message">The message.</param>
    /// <param name="signature">Receives <see cref="MLDsa44.SignatureSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The context or the destination has a wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Sign(ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Span<byte> randomness = stackalloc byte[MLDsa44.RandomnessSize];
        RandomNumberGenerator.Fill(randomness);
        Sign(context, prefix: default, message, randomness, signature);
    }

    /// <summary>ML-DSA.Sign in pure mode, deterministic: <c>rnd</c> is zero (FIPS 204, algorithm 2). Prefer <see cref="Sign(ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte})"/>
    /// wherever faults or power traces are a concern.</summary>
    /// <inheritdoc cref="Sign(ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte})"/>
    public void SignDeterministic(ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Span<byte> zero = stackalloc byte[MLDsa44.RandomnessSize];
        zero.Clear();
        Sign(context, prefix: default, message, zero, signature);
    }

    /// <summary>Signs a message representative computed elsewhere (external μ), hedged.</summary>
    /// <param name="mu">μ = H(tr ‖ M', 64), 64 bytes.</param>
    /// <param name="signature">Receives <see cref="MLDsa44.SignatureSize"/> bytes.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void SignMu(ReadOnlySpan<byte> mu, Span<byte> signature)
    {
        Span<byte> randomness = stackalloc byte[MLDsa44.RandomnessSize];
        RandomNumberGenerator.Fill(randomness);
        var rejections = default(MLDsaRejections);
        SignMu(mu, randomness, signature, ref rejections);
    }

    /// <summary>As the public methods, over the message <paramref name="prefix"/> ‖ <paramref name="message"/>, with the given <c>rnd</c>.</summary>
    internal void Sign(ReadOnlySpan<byte> context, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> randomness, Span<byte> signature)
    {
        if (context.Length > MLDsa44.MaxContextSize)
            throw new ArgumentException($"A context string is at most {MLDsa44.MaxContextSize} bytes.", nameof(context));
        Span<byte> mu = stackalloc byte[MLDsa44.MuSize];
        PublicKey.ComputeMu(context, prefix, message, mu);
        var rejections = default(MLDsaRejections);
        SignMu(mu, randomness, signature, ref rejections);
    }

    /// <summary>ML-DSA.Sign_internal from μ on; adds what the rejection loop did to <paramref name="rejections"/>.</summary>
    internal void SignMu(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> randomness, Span<byte> signature, ref MLDsaRejections rejections)
    {
        if (mu.Length != MLDsa44.MuSize)
            throw new ArgumentException($"μ is {MLDsa44.MuSize} bytes.", nameof(mu));
        if (signature.Length != MLDsa44.SignatureSize)
            throw new ArgumentException($"A signature of ML-DSA-44 is {MLDsa44.SignatureSize} bytes.", nameof(signature));
        using var secret = memory.Borrow();
        MLDsaSigning.Sign(
            PublicKey.Matrix, MLDsaKeyGeneration.SigningSeed(secret.Bytes[..MLDsa44.ExpandedPrivateKeySize]), Transforms(secret), mu, randomness, signature, ref rejections);
    }

    /// <summary>One PEM block, PKCS#8 and not encrypted. The caller wipes the text.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public char[] ExportPem() => KeyPem.WritePrivate(PrivateKeyInfo.Encode(this), password: default, encrypt: false);

    /// <summary>One PEM block, PKCS#8 encrypted under PBES2: PBKDF2-HMAC-SHA-256 with 600 000 iterations, AES-256-CBC.</summary>
    /// <param name="password">The password, not empty.</param>
    /// <exception cref="ArgumentException">The password is empty.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public char[] ExportEncryptedPem(ReadOnlySpan<char> password)
    {
        if (password.IsEmpty)
            throw new ArgumentException("A password must not be empty.", nameof(password));
        return KeyPem.WritePrivate(PrivateKeyInfo.Encode(this), password, encrypt: true);
    }

    /// <summary>Zeroes and frees the secret memory, once no signature is in progress.</summary>
    public void Dispose() => memory.Dispose();

    private static Span<int> Transforms(SecretMemory.Lease secret) => MemoryMarshal.Cast<byte, int>(secret.Bytes[TransformOffset..]);
}
