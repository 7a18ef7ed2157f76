namespace Ogong.Signatures;

/// <summary>Signs with a hybrid key that may be held elsewhere, for instance in a hardware module.</summary>
/// <remarks>Signing is synchronous: the managed implementation takes a fraction of a millisecond and allocates nothing, and an asynchronous signature could not take
/// spans. An implementation that waits for a device blocks the calling thread; a caller for whom that matters gives it a thread.</remarks>
public interface ISigner
{
    /// <summary>The key that verifies this signer's signatures.</summary>
    HybridPublicKey PublicKey { get; }

    /// <summary>Signs a message for one purpose.</summary>
    /// <param name="context">Names the purpose, at most <see cref="HybridSignature.MaxContextSize"/> bytes; a signature verifies only under the same context.</param>
    /// <param name="message">The message, of any length.</param>
    /// <param name="signature">Receives exactly <see cref="HybridSignature.Size"/> bytes.</param>
    /// <exception cref="ArgumentException">The context is too long or the destination has a wrong length.</exception>
    /// <remarks>Not deterministic: two signatures of one message differ, so nothing may be identified by its signature.</remarks>
    void Sign(ReadOnlySpan<byte> context, ReadOnlySpan<byte> message, Span<byte> signature);
}
