using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Signatures;

namespace Ogong.Records;

/// <summary>Two signed statements on one slot that differ. Anyone who knows the signer's key can check it; nobody else can make one.</summary>
public sealed class EquivocationProof(Signed<BoundaryStatement> first, Signed<BoundaryStatement> second) : ICanonical<EquivocationProof>
{
    /// <summary>One statement.</summary>
    public Signed<BoundaryStatement> First { get; } = first;

    /// <summary>The statement that contradicts it.</summary>
    public Signed<BoundaryStatement> Second { get; } = second;

    /// <summary>Whether the statements fill the same slot with different content and <paramref name="key"/> signed both. Two signatures of one statement prove nothing.</summary>
    public bool Proves(HybridPublicKey key) =>
        First.Message.IsSameSlot(Second.Message) && First.Message.Hash() != Second.Message.Hash() && First.IsValid(key) && Second.IsValid(key);

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        First.Write(writer);
        Second.Write(writer);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out EquivocationProof? value)
    {
        value = null;
        if (!Signed<BoundaryStatement>.TryRead(ref reader, out Signed<BoundaryStatement>? first)
            || !Signed<BoundaryStatement>.TryRead(ref reader, out Signed<BoundaryStatement>? second))
            return false;
        value = new EquivocationProof(first, second);
        return true;
    }
}
