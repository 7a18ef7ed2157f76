using System.Numerics;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Settlement;

namespace Ogong.Tests.Settlement;

public sealed class FeeSplitTests
{
    private static readonly HashTag _tag = new("ogong/test-provider/1");

    private static Digest Provider(int index) => _tag.Hash([(byte)index]);

    private static Slice[] Slices(params (ulong Units, bool Rejected)[] parts) => [.. parts.Select((part, i) => new Slice(Provider(i), part.Units, part.Rejected))];

    private static UInt128[] Amounts(FeeSplit split) => [.. split.Payments.Select(payment => payment.Amount)];

    [Test]
    public void SharesByWorkAndTheLeadTakesTheResidual()
    {
        FeeSplit split = FeeSplit.Compute(1000, new SettlementTerms(SettlementPolicy.ForfeitSlice, 50_000, 10_000), Slices((1, false), (1, false), (1, false)), lead: 1);
        Assert.That((split.AuditPool, split.Protocol), Is.EqualTo(((UInt128)50, (UInt128)10)));
        Assert.That(Amounts(split), Is.EqualTo(new UInt128[] { 313, 314, 313 }));
        Assert.That(split.Refund, Is.EqualTo((UInt128)0));
    }

    [Test]
    public void AForfeitedSliceIsRefundedAndTheOthersArePaidInFull()
    {
        var terms = new SettlementTerms(SettlementPolicy.ForfeitSlice, 0, 0);
        UInt128[] honest = Amounts(FeeSplit.Compute(100, terms, Slices((3, false), (4, false), (4, false)), lead: 0));
        FeeSplit split = FeeSplit.Compute(100, terms, Slices((3, false), (4, true), (4, false)), lead: 0);
        Assert.That(Amounts(split), Is.EqualTo(new UInt128[] { honest[0], 0, honest[2] }));
        Assert.That(split.Refund, Is.EqualTo(honest[1]));
    }

    [Test]
    public void AWithheldRequestRefundsEverything()
    {
        FeeSplit split = FeeSplit.Compute(100, new SettlementTerms(SettlementPolicy.WithholdRequest, 500_000, 500_000), Slices((3, false), (4, true)), lead: 0);
        Assert.That(split.Refund, Is.EqualTo((UInt128)100));
        Assert.That(Amounts(split), Is.All.EqualTo((UInt128)0));
    }

    [Test]
    public void ConservesAndNeverOverpaysOverTheWholeRange()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 20_000; trial++)
        {
            // Magnitudes are drawn by bit length, so small, middling and extreme fees and units all come up, and the extremes exactly.
            UInt128 fee = random.Next(20) == 0 ? UInt128.MaxValue : Draw(random, 128);
            uint audit = (uint)random.Next(0, 1_000_001);
            var terms = new SettlementTerms((SettlementPolicy)random.Next(1, 3), audit, (uint)random.Next(0, 1_000_001 - (int)audit));
            Slice[] slices = [.. Enumerable.Range(0, random.Next(1, 9)).Select(i => new Slice(Provider(i), (ulong)Draw(random, 64), random.Next(6) == 0))];
            if (slices.All(slice => slice.WorkUnits == 0)) continue;
            int lead = random.Next(slices.Length);
            FeeSplit split = FeeSplit.Compute(fee, terms, slices, lead);

            BigInteger sum = (BigInteger)split.Refund + split.AuditPool + split.Protocol + split.Payments.Aggregate(BigInteger.Zero, (total, p) => total + p.Amount);
            Assert.That(sum, Is.EqualTo((BigInteger)fee));
            BigInteger units = slices.Aggregate(BigInteger.Zero, (total, s) => total + s.WorkUnits);
            BigInteger providers = (BigInteger)fee - ((BigInteger)fee * audit / 1_000_000) - ((BigInteger)fee * terms.ProtocolPerMillion / 1_000_000);
            for (int i = 0; i < slices.Length; i++)
            {
                BigInteger share = providers * slices[i].WorkUnits / units;
                BigInteger paid = split.Payments[i].Amount;
                bool withheld = terms.Policy == SettlementPolicy.WithholdRequest && slices.Any(slice => slice.Rejected);
                if (slices[i].Rejected || withheld) Assert.That(paid, Is.EqualTo(BigInteger.Zero));
                else if (i != lead) Assert.That(paid, Is.EqualTo(share));
                else Assert.That(paid - share, Is.InRange(BigInteger.Zero, (BigInteger)(slices.Length - 1)));
            }
        }
    }

    [Test]
    public void ASplitThatDoesNotConserveCannotBeMade()
    {
        Assert.That(() => new FeeSplit(10, [new Payment(Provider(0), 5)], 4, 0, 0), Throws.ArgumentException);
        // A sum that wraps around 128 bits to the fee does not pass either.
        Assert.That(() => new FeeSplit(0, [new Payment(Provider(0), UInt128.MaxValue)], 1, 0, 0), Throws.ArgumentException);
        Assert.That(() => FeeSplit.Compute(10, new SettlementTerms(SettlementPolicy.ForfeitSlice, 600_000, 500_000), Slices((1, false)), 0), Throws.ArgumentException);
        Assert.That(() => FeeSplit.Compute(10, new SettlementTerms(SettlementPolicy.ForfeitSlice, 0, 0), Slices((0, false)), 0), Throws.ArgumentException);
    }

    private static UInt128 Draw(Random random, int bits)
    {
        int length = random.Next(bits + 1);
        UInt128 value = new((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64(long.MinValue, long.MaxValue));
        return length == 0 ? 0 : value >> (128 - length);
    }
}
