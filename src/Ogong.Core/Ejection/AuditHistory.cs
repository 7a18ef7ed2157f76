using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Ejection;

/// <summary>
/// The audits of one provider, by validator and epoch: the state of its test. Histories merge in any order and any number of times to the same one, because a validator only ever appends
/// to its own part: of two versions of a part the longer is kept if it starts with the shorter, and anything else is the validator contradicting itself. Immutable.
/// </summary>
/// <remarks>Bytes: <c>digest</c> provider ‖ <c>u32</c> validators, ascending, each <c>digest</c> key id ‖ <c>u32</c> tallies ≥ 1, ascending, each <c>u32</c> epoch ‖ <c>u16</c> audits ‖ <c>u16</c> failures.</remarks>
public sealed class AuditHistory : ICanonical<AuditHistory>
{
    /// <summary>Most validators in a history.</summary>
    public const int MaxValidators = 4096;

    /// <summary>Most epochs in a validator's part.</summary>
    public const int MaxEpochs = 1 << 20;

    private const int TallySize = 8;
    private readonly ImmutableSortedDictionary<Digest, ImmutableArray<EpochTally>> parts;

    /// <summary>A history without audits.</summary>
    /// <param name="provider">Key id of the provider.</param>
    public AuditHistory(Digest provider)
        : this(provider, ImmutableSortedDictionary<Digest, ImmutableArray<EpochTally>>.Empty)
    {
    }

    private AuditHistory(Digest provider, ImmutableSortedDictionary<Digest, ImmutableArray<EpochTally>> parts) => (Provider, this.parts) = (provider, parts);

    /// <summary>Key id of the provider.</summary>
    public Digest Provider { get; }

    /// <summary>Key ids of the validators, ascending.</summary>
    public IEnumerable<Digest> Validators => parts.Keys;

    /// <summary>All audits and all failures.</summary>
    public (long Audits, long Failures) Total => parts.Values.SelectMany(part => part).Aggregate((0L, 0L), (sum, tally) => (sum.Item1 + tally.Audits, sum.Item2 + tally.Failures));

    /// <summary>A validator's tallies by ascending epoch; empty for one that has none.</summary>
    public ImmutableArray<EpochTally> Part(Digest validator) => parts.GetValueOrDefault(validator, []);

    /// <summary>This history with a tally more.</summary>
    /// <param name="validator">Key id of the validator.</param>
    /// <param name="tally">Its tally of an epoch later than its last.</param>
    /// <exception cref="ArgumentException">The epoch is not later, or the numbers are out of range.</exception>
    public AuditHistory Add(Digest validator, EpochTally tally)
    {
        if (!IsValid(tally)) throw new ArgumentException($"Not a tally: {tally}.", nameof(tally));
        ImmutableArray<EpochTally> part = parts.GetValueOrDefault(validator, []);
        if (!part.IsEmpty && tally.Epoch <= part[^1].Epoch) throw new ArgumentException($"Epoch {tally.Epoch} does not follow epoch {part[^1].Epoch}.", nameof(tally));
        return new AuditHistory(Provider, parts.SetItem(validator, part.Add(tally)));
    }

    /// <summary>Joins two histories of one provider: associative, commutative and idempotent.</summary>
    /// <returns>False, with a validator whose two parts contradict one another in <paramref name="contradiction"/>, if one does.</returns>
    /// <exception cref="ArgumentException">The other history is of another provider.</exception>
    public bool TryMerge(AuditHistory other, [NotNullWhen(true)] out AuditHistory? merged, out Digest contradiction)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Provider != Provider) throw new ArgumentException("The histories are of two providers.", nameof(other));
        (merged, contradiction) = (null, default);
        ImmutableSortedDictionary<Digest, ImmutableArray<EpochTally>>.Builder union = parts.ToBuilder();
        foreach ((Digest validator, ImmutableArray<EpochTally> theirs) in other.parts)
        {
            ImmutableArray<EpochTally> ours = parts.GetValueOrDefault(validator, []);
            int common = Math.Min(ours.Length, theirs.Length);
            if (!ours.AsSpan()[..common].SequenceEqual(theirs.AsSpan()[..common]))
            {
                contradiction = validator;
                return false;
            }
            union[validator] = ours.Length >= theirs.Length ? ours : theirs;
        }
        merged = new AuditHistory(Provider, union.ToImmutable());
        return true;
    }

    /// <summary>Runs the test over the epochs in order, the validators' tallies of an epoch added up.</summary>
    /// <param name="parameters">What the test is tuned to.</param>
    /// <param name="lastEpoch">
    /// The last epoch that is closed, so that no tally of it can still come. The bound on false ejections is one for one sequence of epochs: two runs over differently complete epochs would be
    /// two tests.
    /// </param>
    public EjectionProcess Test(EjectionParameters parameters, uint lastEpoch)
    {
        var process = new EjectionProcess(parameters);
        IEnumerable<EpochTally> closed = parts.Values.SelectMany(part => part).Where(tally => tally.Epoch <= lastEpoch);
        foreach (IGrouping<uint, EpochTally> epoch in closed.GroupBy(tally => tally.Epoch).OrderBy(group => group.Key))
            process.Add(epoch.Sum(tally => tally.Audits), epoch.Sum(tally => tally.Failures));
        return process;
    }

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Digest(Provider);
        writer.Count(parts.Count);
        foreach ((Digest validator, ImmutableArray<EpochTally> part) in parts)
        {
            writer.Digest(validator);
            writer.Count(part.Length);
            foreach (EpochTally tally in part)
            {
                writer.UInt32(tally.Epoch);
                writer.UInt16((ushort)tally.Audits);
                writer.UInt16((ushort)tally.Failures);
            }
        }
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out AuditHistory? value)
    {
        value = null;
        if (!reader.TryDigest(out Digest provider, "provider") || !reader.TryCount(0, MaxValidators, out int validators, "validators")) return false;
        ImmutableSortedDictionary<Digest, ImmutableArray<EpochTally>>.Builder parts = ImmutableSortedDictionary.CreateBuilder<Digest, ImmutableArray<EpochTally>>();
        Digest last = default;
        for (int i = 0; i < validators; i++)
        {
            int start = reader.Offset;
            if (!reader.TryDigest(out Digest validator, "validator")) return false;
            if (i > 0 && validator.CompareTo(last) <= 0) return reader.FailAt(DecodeError.NotCanonical, start, "validator");
            if (!TryReadPart(ref reader, out ImmutableArray<EpochTally> part)) return false;
            parts.Add(last = validator, part);
        }
        value = new AuditHistory(provider, parts.ToImmutable());
        return true;
    }

    private static bool TryReadPart(ref ByteReader reader, out ImmutableArray<EpochTally> part)
    {
        part = [];
        if (!reader.TryCount(1, MaxEpochs, out int count, "tallies")) return false;
        if (count > reader.Remaining / TallySize) return reader.Fail(DecodeError.Truncated, "tallies");
        ImmutableArray<EpochTally>.Builder read = ImmutableArray.CreateBuilder<EpochTally>(count);
        for (int i = 0; i < count; i++)
        {
            int start = reader.Offset;
            if (!reader.TryUInt32(out uint epoch, "epoch") || !reader.TryUInt16(out ushort audits, "audits") || !reader.TryUInt16(out ushort failures, "failures")) return false;
            var tally = new EpochTally(epoch, audits, failures);
            if (!IsValid(tally)) return reader.FailAt(DecodeError.OutOfRange, start, "tally");
            if (i > 0 && epoch <= read[i - 1].Epoch) return reader.FailAt(DecodeError.NotCanonical, start, "epoch");
            read.Add(tally);
        }
        part = read.MoveToImmutable();
        return true;
    }

    private static bool IsValid(EpochTally tally) => tally.Audits is >= 1 and <= ushort.MaxValue && tally.Failures >= 0 && tally.Failures <= tally.Audits;
}
