using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Settlement;

/// <summary>
/// What a quorum or a chain signs to pay one reply: the fee, the terms, who did how much, whom audits rejected, and the split that follows from these. The split is computed, never stated by the
/// caller, so a statement exists only with the one split that its other fields give, and that split conserves the fee. Immutable.
/// </summary>
public sealed class SettlementStatement : ICanonical<SettlementStatement>
{
    /// <summary>Most slices of a reply.</summary>
    public const int MaxSlices = 1024;

    /// <summary>Makes a statement.</summary>
    /// <param name="network">Network the reply was made on: printable ASCII.</param>
    /// <param name="round">Beacon round that drew the reply's audits.</param>
    /// <param name="orderHash">Hash of the order that the fee was put up for.</param>
    /// <param name="recordHash">Hash of the reply's record.</param>
    /// <param name="consumer">Key id of the consumer: receives the refund.</param>
    /// <param name="fee">Integer base units.</param>
    /// <param name="terms">Shares and policy.</param>
    /// <param name="slices">Who did how much, in layer order.</param>
    /// <param name="lead">Index of the lead's slice.</param>
    /// <exception cref="ArgumentException">The fields do not give a split, or there are more slices than a reply can have.</exception>
    public SettlementStatement(string network, ulong round, Digest orderHash, Digest recordHash, Digest consumer, UInt128 fee, SettlementTerms terms, IEnumerable<Slice> slices, int lead)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(slices);
        if (network is null || !ByteWriter.IsName(network)) throw new ArgumentException("A network has 1 to 255 printable ASCII characters.", nameof(network));
        if (!IsValid(terms)) throw new ArgumentException("There are no such terms.", nameof(terms));
        (Network, Round, OrderHash, RecordHash, Consumer, Fee, Terms, Slices, Lead) = (network, round, orderHash, recordHash, consumer, fee, terms, [.. slices], lead);
        if (Slices.Length > MaxSlices) throw new ArgumentException($"A reply has at most {MaxSlices} slices.", nameof(slices));
        Split = FeeSplit.Compute(fee, terms, Slices, lead);
    }

    /// <summary>Domain of the hash, and context of the signatures.</summary>
    public static HashTag Tag { get; } = new("ogong/settlement/1");

    /// <summary>Network the reply was made on.</summary>
    public string Network { get; }

    /// <summary>Beacon round that drew the reply's audits.</summary>
    public ulong Round { get; }

    /// <summary>Hash of the order.</summary>
    public Digest OrderHash { get; }

    /// <summary>Hash of the reply's record.</summary>
    public Digest RecordHash { get; }

    /// <summary>Key id of the consumer.</summary>
    public Digest Consumer { get; }

    /// <summary>What the consumer put up.</summary>
    public UInt128 Fee { get; }

    /// <summary>Shares and policy.</summary>
    public SettlementTerms Terms { get; }

    /// <summary>Who did how much, in layer order.</summary>
    public ImmutableArray<Slice> Slices { get; }

    /// <summary>Index of the lead's slice.</summary>
    public int Lead { get; }

    /// <summary>The split that follows.</summary>
    public FeeSplit Split { get; }

    /// <summary><c>H("ogong/settlement/1", encoding)</c>.</summary>
    public Digest Hash() => Tag.Hash(this.Encode());

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt16(Protocol.Version);
        writer.Name(Network);
        writer.UInt64(Round);
        writer.Digest(OrderHash);
        writer.Digest(RecordHash);
        writer.Digest(Consumer);
        writer.UInt128(Fee);
        writer.UInt8((byte)Terms.Policy);
        writer.UInt32(Terms.AuditPerMillion);
        writer.UInt32(Terms.ProtocolPerMillion);
        writer.Count(Lead);
        writer.Count(Slices.Length);
        for (int i = 0; i < Slices.Length; i++)
        {
            writer.Digest(Slices[i].Provider);
            writer.UInt64(Slices[i].WorkUnits);
            writer.Flag(Slices[i].Rejected);
            writer.UInt128(Split.Payments[i].Amount);
        }
        writer.UInt128(Split.Refund);
        writer.UInt128(Split.AuditPool);
        writer.UInt128(Split.Protocol);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out SettlementStatement? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryName(out string network, "network")
            || !reader.TryUInt64(out ulong round, "round")
            || !reader.TryDigest(out Digest order, "order hash")
            || !reader.TryDigest(out Digest record, "record hash")
            || !reader.TryDigest(out Digest consumer, "consumer")
            || !reader.TryUInt128(out UInt128 fee, "fee")
            || !reader.TryUInt8(out byte policy, "policy")
            || !reader.TryUInt32(out uint audit, "audit share")
            || !reader.TryUInt32(out uint protocol, "protocol share")
            || !reader.TryCount(0, MaxSlices - 1, out int lead, "lead")
            || !reader.TryCount(1, MaxSlices, out int count, "slices"))
            return false;
        var terms = new SettlementTerms((SettlementPolicy)policy, audit, protocol);
        if (!IsValid(terms)) return reader.FailAt(DecodeError.OutOfRange, start, "terms");
        if (lead >= count) return reader.FailAt(DecodeError.OutOfRange, start, "lead");
        var slices = new List<Slice>();
        var amounts = new List<UInt128>();
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryDigest(out Digest provider, "provider") || !reader.TryUInt64(out ulong units, "work units")
                || !reader.TryFlag(out bool rejected, "rejected") || !reader.TryUInt128(out UInt128 amount, "payment"))
                return false;
            slices.Add(new Slice(provider, units, rejected));
            amounts.Add(amount);
        }
        if (!reader.TryUInt128(out UInt128 refund, "refund") || !reader.TryUInt128(out UInt128 pool, "audit pool") || !reader.TryUInt128(out UInt128 kept, "protocol")) return false;
        if (slices.All(slice => slice.WorkUnits == 0)) return reader.FailAt(DecodeError.OutOfRange, start, "work units");
        var read = new SettlementStatement(network, round, order, record, consumer, fee, terms, slices, lead);
        // The stated split must be the one that follows from the rest.
        if (read.Split.Refund != refund || read.Split.AuditPool != pool || read.Split.Protocol != kept || !read.Split.Payments.Select(p => p.Amount).SequenceEqual(amounts))
            return reader.FailAt(DecodeError.Inconsistent, start, "split");
        value = read;
        return true;
    }

    private static bool IsValid(SettlementTerms terms) =>
        terms.Policy is SettlementPolicy.ForfeitSlice or SettlementPolicy.WithholdRequest && (ulong)terms.AuditPerMillion + terms.ProtocolPerMillion <= SettlementTerms.Million;
}
