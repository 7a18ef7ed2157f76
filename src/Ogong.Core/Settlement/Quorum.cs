using System.Collections.Immutable;
using System.Text;
using Ogong.Bytes;
using Ogong.Signatures;

namespace Ogong.Settlement;

/// <summary>A member's signature on a settlement.</summary>
/// <param name="Member">Index of the member in the quorum.</param>
/// <param name="Signature">Hybrid signature, Ed25519 ‖ ML-DSA-44.</param>
public sealed record CoSignature(int Member, ReadOnlyMemory<byte> Signature);

/// <summary>What is wrong with the co-signatures of a settlement.</summary>
public enum QuorumFailure : byte
{
    /// <summary>Nothing: the settlement is agreed.</summary>
    None = 0,

    /// <summary>Members are not strictly ascending: one of them signs twice, or the list has another order.</summary>
    NotAscending,

    /// <summary>There is no such member.</summary>
    UnknownMember,

    /// <summary>Fewer than the threshold.</summary>
    TooFew,

    /// <summary>A signature does not verify.</summary>
    WrongSignature,
}

/// <summary>
/// The n validators of which any k agree to a settlement. What they sign is <c>quorum id ‖ statement</c> under the context <c>ogong/settlement/1</c>, so a signature given in one quorum, or
/// under one threshold, counts in no other. Two honest quorums cannot settle one order differently as long as fewer than 2k − n members are faulty. Immutable; safe for concurrent use.
/// </summary>
public sealed class Quorum
{
    /// <summary>Most members.</summary>
    public const int MaxMembers = 256;

    private static readonly HashTag IdTag = new("ogong/quorum/1");
    private static readonly byte[] Context = Encoding.ASCII.GetBytes(SettlementStatement.Tag.Name);

    /// <summary>Forms a quorum.</summary>
    /// <param name="members">Their keys, distinct, ascending by key id.</param>
    /// <param name="threshold">k, more than half of n.</param>
    /// <exception cref="ArgumentException">The members are not distinct and ascending, or k is not a majority of them.</exception>
    public Quorum(IEnumerable<HybridPublicKey> members, int threshold)
    {
        ArgumentNullException.ThrowIfNull(members);
        Members = [.. members];
        if (Members.Length is 0 or > MaxMembers) throw new ArgumentException($"A quorum has 1 to {MaxMembers} members.", nameof(members));
        for (int i = 1; i < Members.Length; i++)
            if (Members[i].KeyId.SequenceCompareTo(Members[i - 1].KeyId) <= 0) throw new ArgumentException("Members are distinct and ascending by key id.", nameof(members));
        if (threshold <= Members.Length / 2 || threshold > Members.Length) throw new ArgumentException("The threshold is a majority of the members.", nameof(threshold));
        Threshold = threshold;
        using var hasher = new TaggedHasher(IdTag);
        hasher.Append((uint)threshold);
        hasher.Append((uint)Members.Length);
        foreach (HybridPublicKey member in Members) hasher.Append(member.KeyId);
        Id = hasher.Finish();
    }

    /// <summary>Their keys, ascending by key id.</summary>
    public ImmutableArray<HybridPublicKey> Members { get; }

    /// <summary>k.</summary>
    public int Threshold { get; }

    /// <summary><c>H("ogong/quorum/1", u32 k ‖ u32 n ‖ key ids)</c>.</summary>
    public Digest Id { get; }

    /// <summary>A member's signature.</summary>
    /// <exception cref="ArgumentException">The signer is no member.</exception>
    public CoSignature Sign(SettlementStatement statement, ISigner member)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(member);
        int index = Members.IndexOf(member.PublicKey);
        if (index < 0) throw new ArgumentException("The signer is no member.", nameof(member));
        var signature = new byte[HybridSignature.Size];
        member.Sign(Context, Message(statement), signature);
        return new CoSignature(index, signature);
    }

    /// <summary>Whether at least k members agreed. Every signature given must verify: a list with a bad one is refused, not trimmed. Hostile input never throws.</summary>
    public QuorumFailure Verify(SettlementStatement statement, IReadOnlyList<CoSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(signatures);
        for (int i = 0; i < signatures.Count; i++)
        {
            if (signatures[i].Member < 0 || signatures[i].Member >= Members.Length) return QuorumFailure.UnknownMember;
            if (i > 0 && signatures[i].Member <= signatures[i - 1].Member) return QuorumFailure.NotAscending;
        }
        if (signatures.Count < Threshold) return QuorumFailure.TooFew;
        byte[] message = Message(statement);
        return signatures.All(s => Members[s.Member].Verify(Context, message, s.Signature.Span)) ? QuorumFailure.None : QuorumFailure.WrongSignature;
    }

    private byte[] Message(SettlementStatement statement) => [.. Id.Span, .. statement.Encode()];
}
