using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Ejection;

namespace Ogong.Tests.Ejection;

/// <summary>The state of a test: it merges in any order, and has one byte string.</summary>
public sealed class AuditHistoryTests
{
    private static readonly HashTag Tag = new("ogong/test-validator/1");

    [Test]
    public void Merging_is_associative_commutative_and_idempotent()
    {
        var random = new Random(1);
        for (int i = 0; i < 50; i++)
        {
            AuditHistory full = Random(random, 4, 6), a = Prefix(full, random), b = Prefix(full, random), c = Prefix(full, random);
            Assert.That(Merge(a, b).Encode(), Is.EqualTo(Merge(b, a).Encode()));
            Assert.That(Merge(Merge(a, b), c).Encode(), Is.EqualTo(Merge(a, Merge(b, c)).Encode()));
            Assert.That(Merge(a, a).Encode(), Is.EqualTo(a.Encode()));
            Assert.That(Merge(full, b).Encode(), Is.EqualTo(full.Encode()));
        }
    }

    [Test]
    public void Validators_apart_reach_the_decision_of_one_that_saw_all()
    {
        var parameters = new EjectionParameters();
        AuditHistory empty = new(default), together = empty;
        AuditHistory[] apart = [empty, empty];
        for (uint epoch = 1; epoch <= 40; epoch++)
        {
            for (int v = 0; v < 2; v++)
            {
                var tally = new EpochTally(epoch, 10, (epoch + v) % 7 == 0 ? 1 : 0);
                together = together.Add(Tag.Hash([(byte)v]), tally);
                apart[v] = apart[v].Add(Tag.Hash([(byte)v]), tally);
            }
        }
        AuditHistory merged = Merge(apart[1], apart[0]);
        Assert.That(merged.Test(parameters, 40).Evidence, Is.EqualTo(together.Test(parameters, 40).Evidence));
        Assert.That(merged.Test(parameters, 40).IsEjected, Is.True);
        Assert.That(merged.Test(parameters, 2).IsEjected, Is.False);
        Assert.That(merged.Total, Is.EqualTo((800L, 10L)));
    }

    [Test]
    public void A_validator_that_contradicts_itself_is_named()
    {
        Digest liar = Tag.Hash([1]);
        AuditHistory a = new AuditHistory(default).Add(liar, new EpochTally(1, 10, 0)), b = new AuditHistory(default).Add(liar, new EpochTally(1, 10, 3));
        Assert.That(a.TryMerge(b, out AuditHistory? merged, out Digest contradiction), Is.False);
        Assert.That((merged, contradiction), Is.EqualTo(((AuditHistory?)null, liar)));
    }

    [Test]
    public void Tallies_out_of_order_or_range_are_misuse()
    {
        AuditHistory history = new AuditHistory(default).Add(default, new EpochTally(5, 1, 0));
        Assert.That(() => history.Add(default, new EpochTally(5, 1, 0)), Throws.ArgumentException);
        Assert.That(() => history.Add(default, new EpochTally(6, 0, 0)), Throws.ArgumentException);
        Assert.That(() => history.Add(default, new EpochTally(6, 1, 2)), Throws.ArgumentException);
        Assert.That(() => history.Add(default, new EpochTally(6, 65_536, 2)), Throws.ArgumentException);
        Assert.That(() => history.TryMerge(new AuditHistory(Tag.Hash([])), out _, out _), Throws.ArgumentException);
    }

    [Test]
    public void What_decodes_encodes_to_the_same_bytes()
    {
        var random = new Random(2);
        byte[] good = Random(random, 3, 5).Encode();
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. good];
            for (int k = 0; k < 1 + i % 3; k++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (i % 5 == 0) bytes = bytes[..random.Next(bytes.Length)];
            DecodeResult<AuditHistory> result = Canonical.Decode<AuditHistory>(bytes);
            if (!result.IsOk) continue;
            accepted++;
            Assert.That(result.Value.Encode(), Is.EqualTo(bytes));
        }
        Assert.That(accepted, Is.InRange(100, 19_000));
    }

    private static AuditHistory Merge(AuditHistory a, AuditHistory b)
    {
        Assert.That(a.TryMerge(b, out AuditHistory? merged, out _));
        return merged!;
    }

    private static AuditHistory Random(Random random, int validators, int epochs)
    {
        var history = new AuditHistory(default);
        for (int v = 0; v < validators; v++)
        {
            uint epoch = 0;
            for (int e = 0; e < epochs; e++)
            {
                int audits = random.Next(1, 50);
                history = history.Add(Tag.Hash([(byte)v]), new EpochTally(epoch += (uint)random.Next(1, 4), audits, random.Next(audits + 1)));
            }
        }
        return history;
    }

    // What someone knows who has seen a random beginning of each validator's part.
    private static AuditHistory Prefix(AuditHistory full, Random random)
    {
        var known = new AuditHistory(full.Provider);
        foreach (Digest validator in full.Validators)
        {
            int take = random.Next(full.Part(validator).Length + 1);
            foreach (EpochTally tally in full.Part(validator)[..take]) known = known.Add(validator, tally);
        }
        return known;
    }
}
