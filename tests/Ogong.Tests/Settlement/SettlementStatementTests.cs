using System.Numerics;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Settlement;
using Ogong.Signatures;

namespace Ogong.Tests.Settlement;

/// <summary>Statements have one byte string and one split; k of n members agree to them.</summary>
public sealed class SettlementStatementTests
{
    private static readonly HashTag Tag = new("ogong/test-settlement/1");
    private static readonly HybridKey[] Keys = [.. Enumerable.Range(0, 5).Select(Key).OrderBy(key => new Digest(key.PublicKey.KeyId))];
    private static readonly Quorum Three = new(Keys.Select(key => key.PublicKey), 3);

    [Test]
    public void Every_fee_of_128_bits_is_split_without_loss_under_both_policies()
    {
        var random = new Random(1);
        UInt128[] edges = [0, 1, 2, 999_999, 1_000_000, ulong.MaxValue, (UInt128)ulong.MaxValue + 1, UInt128.MaxValue - 1, UInt128.MaxValue];
        for (int i = 0; i < 20_000; i++)
        {
            UInt128 fee = i % 3 == 0 ? edges[random.Next(edges.Length)] : Random128(random) >> random.Next(128);
            uint audit = (uint)random.Next(1_000_001), protocol = (uint)random.Next(1_000_001 - (int)audit);
            var terms = new SettlementTerms((SettlementPolicy)random.Next(1, 3), audit, protocol);
            Slice[] slices = [.. Enumerable.Range(0, random.Next(1, 9)).Select(k => new Slice(Tag.Hash([(byte)k]), k == 0 ? ulong.MaxValue >> random.Next(64) : (ulong)random.NextInt64() >> random.Next(64), random.Next(5) == 0))];
            int lead = random.Next(slices.Length);
            FeeSplit split = Statement(fee, terms, slices, lead).Split;
            BigInteger sum = split.Payments.Aggregate((BigInteger)split.Refund + split.AuditPool + split.Protocol, (s, p) => s + p.Amount);
            Assert.That(sum, Is.EqualTo((BigInteger)fee));
            bool caught = slices.Any(slice => slice.Rejected);
            if (caught && terms.Policy == SettlementPolicy.WithholdRequest) Assert.That(split.Refund, Is.EqualTo(fee));
            if (!caught) Assert.That(split.Refund, Is.EqualTo((UInt128)0));
            for (int k = 0; k < slices.Length; k++) Assert.That(!slices[k].Rejected || split.Payments[k].Amount == 0);
        }
    }

    [Test]
    public void A_statement_is_read_back_and_another_split_is_refused()
    {
        SettlementStatement statement = Sample();
        byte[] bytes = statement.Encode();
        DecodeResult<SettlementStatement> read = Canonical.Decode<SettlementStatement>(bytes);
        Assert.That(read.Value.Hash(), Is.EqualTo(statement.Hash()));
        Assert.That(read.Value.Encode(), Is.EqualTo(bytes));

        byte[] skewed = [.. bytes];
        skewed[^48]++; // One unit more refund: the statement no longer follows from its own terms.
        Assert.That(Canonical.Decode<SettlementStatement>(skewed).Failure.Error, Is.EqualTo(DecodeError.Inconsistent));
    }

    [Test]
    public void Statements_that_decode_encode_to_the_same_bytes()
    {
        var random = new Random(2);
        byte[] good = Sample().Encode();
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. good];
            for (int k = 0; k < 1 + i % 2; k++) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (i % 5 == 0) bytes = bytes[..random.Next(bytes.Length)];
            DecodeResult<SettlementStatement> result = Canonical.Decode<SettlementStatement>(bytes);
            if (!result.IsOk) continue;
            accepted++;
            Assert.That(result.Value.Encode(), Is.EqualTo(bytes));
        }
        Assert.That(accepted, Is.InRange(1000, 19_000));
    }

    [Test]
    public void Terms_and_slices_that_make_no_split_are_refused()
    {
        Assert.That(() => Statement(1, new SettlementTerms((SettlementPolicy)3, 0, 0), [Slice(1)], 0), Throws.ArgumentException);
        Assert.That(() => Statement(1, new SettlementTerms(SettlementPolicy.ForfeitSlice, 600_000, 400_001), [Slice(1)], 0), Throws.ArgumentException);
        Assert.That(() => Statement(1, new SettlementTerms(SettlementPolicy.ForfeitSlice, 0, 0), [Slice(0)], 0), Throws.ArgumentException);
        Assert.That(() => Statement(1, new SettlementTerms(SettlementPolicy.ForfeitSlice, 0, 0), [Slice(1)], 1), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => Statement(1, new SettlementTerms(SettlementPolicy.ForfeitSlice, 0, 0), Enumerable.Repeat(Slice(1), 1025), 0), Throws.ArgumentException);
    }

    [Test]
    public void Any_three_of_five_agree_and_nothing_less_does()
    {
        SettlementStatement statement = Sample();
        CoSignature[] all = [.. Keys.Select(key => Three.Sign(statement, key))];
        Assert.That(all.Select(s => s.Member), Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
        Assert.That(Three.Verify(statement, all), Is.EqualTo(QuorumFailure.None));
        Assert.That(Three.Verify(statement, [all[0], all[2], all[4]]), Is.EqualTo(QuorumFailure.None));
        Assert.That(Three.Verify(statement, [all[0], all[2]]), Is.EqualTo(QuorumFailure.TooFew));
        Assert.That(Three.Verify(statement, [all[0], all[2], all[2]]), Is.EqualTo(QuorumFailure.NotAscending));
        Assert.That(Three.Verify(statement, [all[0], all[2], all[4] with { Member = 5 }]), Is.EqualTo(QuorumFailure.UnknownMember));
        Assert.That(Three.Verify(statement, [all[0], all[2], all[4] with { Member = 3 }]), Is.EqualTo(QuorumFailure.WrongSignature));
        Assert.That(Three.Verify(statement, [all[0], all[2], all[4] with { Signature = new byte[3] }]), Is.EqualTo(QuorumFailure.WrongSignature));
        Assert.That(Three.Verify(Statement(7, statement.Terms, statement.Slices, 0), all), Is.EqualTo(QuorumFailure.WrongSignature));
        // A signature counts in the quorum it was given in: the same members under another threshold are another quorum.
        Assert.That(new Quorum(Three.Members, 4).Verify(statement, all), Is.EqualTo(QuorumFailure.WrongSignature));
    }

    [Test]
    public void Quorums_that_could_disagree_are_refused()
    {
        Assert.That(() => new Quorum(Three.Members, 2), Throws.ArgumentException);
        Assert.That(() => new Quorum(Three.Members, 6), Throws.ArgumentException);
        Assert.That(() => new Quorum(Three.Members.Reverse(), 3), Throws.ArgumentException);
        Assert.That(() => new Quorum([], 1), Throws.ArgumentException);
        using HybridKey stranger = Key(77);
        Assert.That(() => Three.Sign(Sample(), stranger), Throws.ArgumentException);
    }

    private static SettlementStatement Sample() =>
        Statement(UInt128.MaxValue / 3, new SettlementTerms(SettlementPolicy.ForfeitSlice, 50_000, 10_000), [Slice(3), Slice(4) with { Rejected = true }, Slice(5)], 2);

    private static SettlementStatement Statement(UInt128 fee, SettlementTerms terms, IEnumerable<Slice> slices, int lead) =>
        new("test", 1000, Tag.Hash([1]), Tag.Hash([2]), Tag.Hash([3]), fee, terms, slices, lead);

    private static Slice Slice(ulong units) => new(Tag.Hash([(byte)units]), units, false);

    private static UInt128 Random128(Random random) => new((ulong)random.NextInt64() << 1 | (uint)random.Next(2), (ulong)random.NextInt64() << 1 | (uint)random.Next(2));

    private static HybridKey Key(int i) => HybridKey.FromSeeds(Tag.Hash([(byte)i, 1]).Span, Tag.Hash([(byte)i, 2]).Span);
}
