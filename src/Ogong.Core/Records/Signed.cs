using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ogong.Bytes;
using Ogong.Signatures;

namespace Ogong.Records;

/// <summary>A message someone signs: its hash names it, its tag keeps its signature from passing for another kind of message.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface ISignable<TSelf> : ICanonical<TSelf> where TSelf : class, ISignable<TSelf>
{
    /// <summary>Domain of the hash, and context of the signature.</summary>
    static abstract HashTag Tag { get; }

    /// <summary>Id of the key that signs this message.</summary>
    Digest SignerKeyId { get; }
}

/// <summary>Hashes of signable messages.</summary>
public static class Signable
{
    /// <summary><c>H(tag, encoding)</c>: the message's name wherever one message refers to another, and in replay sets. Never the signature, which is not unique.</summary>
    public static Digest Hash<T>(this T message) where T : class, ISignable<T> => T.Tag.Hash(message.Encode());

    /// <summary>Signs a message with the key it names.</summary>
    /// <exception cref="ArgumentException">The message names another key.</exception>
    public static Signed<T> Sign<T>(this T message, ISigner signer) where T : class, ISignable<T>
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(signer);
        if (message.SignerKeyId != new Digest(signer.PublicKey.KeyId))
            throw new ArgumentException("The message names another key as its signer.", nameof(signer));
        var signature = new byte[HybridSignature.Size];
        signer.Sign(Encoding.ASCII.GetBytes(T.Tag.Name), message.Encode(), signature);
        return new Signed<T>(message, signature);
    }
}

/// <summary>A message with a hybrid signature over its encoding, in the context of its tag. Holding one says nothing about validity: see <see cref="IsValid"/>.</summary>
public sealed class Signed<T> : ICanonical<Signed<T>> where T : class, ISignable<T>
{
    private readonly byte[] signature;

    /// <summary>Joins a message and a signature of <see cref="HybridSignature.Size"/> bytes.</summary>
    /// <exception cref="ArgumentException">The signature has another length.</exception>
    public Signed(T message, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (signature.Length != HybridSignature.Size) throw new ArgumentException($"A signature has {HybridSignature.Size} bytes.", nameof(signature));
        Message = message;
        this.signature = signature.ToArray();
    }

    /// <summary>The message.</summary>
    public T Message { get; }

    /// <summary>Ed25519 ‖ ML-DSA-44 signature.</summary>
    public ReadOnlySpan<byte> Signature => signature;

    /// <summary>Whether <paramref name="key"/> is the key the message names and both halves of the signature verify.</summary>
    public bool IsValid(HybridPublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Message.SignerKeyId == new Digest(key.KeyId) && key.Verify(Encoding.ASCII.GetBytes(T.Tag.Name), Message.Encode(), signature);
    }

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Message.Write(writer);
        writer.Raw(signature);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out Signed<T>? value)
    {
        value = null;
        if (!T.TryRead(ref reader, out T? message) || !reader.TryRaw(HybridSignature.Size, out ReadOnlySpan<byte> signature, "signature")) return false;
        value = new Signed<T>(message, signature);
        return true;
    }
}
