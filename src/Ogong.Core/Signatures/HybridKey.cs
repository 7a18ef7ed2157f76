namespace Ogong.Signatures;

/// <summary>A hybrid private key: Ed25519 and ML-DSA-44. Owns its memory and zeroes it when disposed.</summary>
/// <remarks>Safe for concurrent use. Signing allocates nothing after a thread's first use.</remarks>
public sealed class HybridKey : ISigner, IDisposable
{
    /// <summary>Joins two keys, which now belong to this one.</summary>
    public HybridKey(Ed25519PrivateKey ed25519Key, MLDsa44PrivateKey mlDsa44Key)
    {
        ArgumentNullException.ThrowIfNull(ed25519Key);
        ArgumentNullException.ThrowIfNull(mlDsa44Key);
        Ed25519Key = ed25519Key;
        MLDsa44Key = mlDsa44Key;
        PublicKey = new HybridPublicKey(ed25519Key.PublicKey, mlDsa44Key.PublicKey);
    }

    /// <inheritdoc/>
    public HybridPublicKey PublicKey { get; }

    /// <summary>The Ed25519 half.</summary>
    public Ed25519PrivateKey Ed25519Key { get; }

    /// <summary>The ML-DSA-44 half.</summary>
    public MLDsa44PrivateKey MLDsa44Key { get; }

    /// <summary>A new key, its halves independent, from the operating system's randomness.</summary>
    public static HybridKey Generate() => new(Ed25519PrivateKey.Generate(), MLDsa44PrivateKey.Generate());

    /// <summary>The key of two seeds. They must be independent: a hybrid key is as strong as the better half only if neither tells anything about the other.</summary>
    /// <param name="ed25519Seed"><see cref="Ed25519.SeedSize"/> bytes.</param>
    /// <param name="mlDsa44Seed"><see cref="MLDsa44.SeedSize"/> bytes.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public static HybridKey FromSeeds(ReadOnlySpan<byte> ed25519Seed, ReadOnlySpan<byte> mlDsa44Seed)
    {
        var ed25519Key = Ed25519PrivateKey.FromSeed(ed25519Seed);
        try
        {
            return new HybridKey(ed25519Key, MLDsa44PrivateKey.FromSeed(mlDsa44Seed));
        }
        catch
        {
            ed25519Key.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Sign(ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, Span<byte> signature) =>
        HybridSignature.Sign(this, context, message, signature);

    /// <summary>Zeroes and frees both halves.</summary>
    public void Dispose()
    {
        Ed25519Key.Dispose();
        MLDsa44Key.Dispose();
    }
}
