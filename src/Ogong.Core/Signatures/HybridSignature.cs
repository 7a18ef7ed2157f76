using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>The hybrid signature Ed25519 ‖ ML-DSA-44, 64 + 2420 bytes: valid only when both halves are, so it survives the break of either scheme.</summary>
/// <remarks><para>Both halves sign the same framed message, <c>label ‖ key id ‖ |context| ‖ context ‖ message</c>, with a 32-byte label and one byte of length, and the
/// ML-DSA half carries the label as its context string too. So neither half is a signature of the bare message, of another hybrid key, or under another context,
/// and no half can be lifted into a protocol that does not start its messages with this label.</para></remarks>
public static class HybridSignature
{
    /// <summary>Bytes of a signature.</summary>
    public const int Size = Ed25519.SignatureSize + MLDsa44.SignatureSize;

    /// <summary>Longest context, in bytes.</summary>
    public const int MaxContextSize = 255;

    private const int MaxFrameSize = 32 + HybridPublicKey.KeyIdSize + 1 + MaxContextSize;

    /// <summary>The Ed25519 half.</summary>
    /// <param name="signature"><see cref="Size"/> bytes.</param>
    public static ReadOnlySpan<byte> Ed25519Half(ReadOnlySpan<byte> signature) => signature[..Ed25519.SignatureSize];

    /// <summary>The ML-DSA-44 half.</summary>
    /// <param name="signature"><see cref="Size"/> bytes.</param>
    public static ReadOnlySpan<byte> MLDsa44Half(ReadOnlySpan<byte> signature) => signature[Ed25519.SignatureSize..];

    /// <summary>Names this construction in every signed message and, for ML-DSA, in the context string: 32 bytes.</summary>
    public static ReadOnlySpan<byte> Label => "Ogong Ed25519+ML-DSA-44 hybrid 1"u8;

    /// <summary>Signs with both keys; the arguments are those of <see cref="ISigner.Sign"/>.</summary>
    internal static void Sign(HybridKey key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        if (context.Length > MaxContextSize)
            throw new ArgumentException($"A context is at most {MaxContextSize} bytes.", nameof(context));
        if (signature.Length != Size)
            throw new ArgumentException($"A hybrid signature is {Size} bytes.", nameof(signature));
        Span<byte> buffer = stackalloc byte[MaxFrameSize];
        var frame = WriteFrame(key.PublicKey, context, buffer);
        key.Ed25519Key.Sign(frame, message, signature[..Ed25519.SignatureSize]);
        Span<byte> randomness = stackalloc byte[MLDsa44.RandomnessSize];
        RandomNumberGenerator.Fill(randomness);
        key.MLDsa44Key.Sign(Label, frame, message, randomness, signature[Ed25519.SignatureSize..]);
    }

    /// <summary>True exactly when both halves verify.</summary>
    internal static bool Verify(HybridPublicKey key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (context.Length > MaxContextSize || signature.Length != Size)
            return false;
        Span<byte> buffer = stackalloc byte[MaxFrameSize];
        var frame = WriteFrame(key, context, buffer);
        return key.Ed25519Key.Verify(frame, message, Ed25519Half(signature))
            && key.MLDsa44Key.Verify(Label, frame, message, MLDsa44Half(signature));
    }

    /// <summary>label ‖ key id ‖ |context| ‖ context: what both halves sign before the message.</summary>
    private static ReadOnlySpan<byte> WriteFrame(HybridPublicKey key, ReadOnlySpan<byte> context, Span<byte> buffer)
    {
        Label.CopyTo(buffer);
        key.KeyId.CopyTo(buffer[Label.Length..]);
        var size = Label.Length + HybridPublicKey.KeyIdSize;
        buffer[size++] = (byte)context.Length;
        context.CopyTo(buffer[size..]);
        return buffer[..(size + context.Length)];
    }
}
