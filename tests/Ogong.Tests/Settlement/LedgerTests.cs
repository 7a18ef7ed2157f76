using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Settlement;

namespace Ogong.Tests.Settlement;

public sealed class LedgerTests
{
    private static readonly HashTag _tag = new("ogong/test-account/1");
    private static readonly Digest _order = _tag.Hash("order"u8);
    private static readonly Digest _consumer = _tag.Hash("consumer"u8);
    private static readonly Digest _provider = _tag.Hash("provider"u8);

    private static FeeSplit Split(UInt128 fee) =>
        FeeSplit.Compute(fee, new SettlementTerms(SettlementPolicy.ForfeitSlice, 100_000, 10_000), [new Slice(_provider, 5, false)], 0);

    [Test]
    public void MovesAFeeOnce()
    {
        var ledger = new Ledger();
        ledger.Deposit(_consumer, 1500);
        Assert.That(ledger.TryEscrow(_order, _consumer, 1000), Is.True);
        Assert.That(ledger.Balance(_consumer), Is.EqualTo((UInt128)500));
        Assert.That(ledger.TrySettle(_order, Split(1000)), Is.True);
        Assert.That((ledger.Balance(_provider), ledger.AuditPool, ledger.Protocol), Is.EqualTo(((UInt128)890, (UInt128)100, (UInt128)10)));
        Assert.That(ledger.TrySettle(_order, Split(1000)), Is.False);
        Assert.That(ledger.Balance(_provider), Is.EqualTo((UInt128)890));
    }

    [Test]
    public void ASplitOfAnotherFeeMovesNothing()
    {
        var ledger = new Ledger();
        ledger.Deposit(_consumer, 1000);
        ledger.TryEscrow(_order, _consumer, 1000);
        Assert.That(ledger.TrySettle(_order, Split(999)), Is.False);
        Assert.That((ledger.Balance(_provider), ledger.AuditPool, ledger.Protocol), Is.EqualTo(((UInt128)0, (UInt128)0, (UInt128)0)));
    }

    [Test]
    public void EscrowNeedsTheBalanceAndIsSetAsideOnce()
    {
        var ledger = new Ledger();
        ledger.Deposit(_consumer, 10);
        Assert.That(ledger.TryEscrow(_order, _consumer, 11), Is.False);
        Assert.That(ledger.TryEscrow(_order, _consumer, 4), Is.True);
        Assert.That(ledger.TryEscrow(_order, _consumer, 4), Is.False);
        Assert.That(ledger.Balance(_consumer), Is.EqualTo((UInt128)6));
    }

    [Test]
    public void TheSupplyFits128Bits()
    {
        var ledger = new Ledger();
        ledger.Deposit(_consumer, UInt128.MaxValue);
        Assert.That(() => ledger.Deposit(_provider, 1), Throws.InstanceOf<OverflowException>());
        Assert.That(ledger.Balance(_provider), Is.EqualTo((UInt128)0));
        ledger.TryEscrow(_order, _consumer, UInt128.MaxValue);
        Assert.That(ledger.TrySettle(_order, Split(UInt128.MaxValue)), Is.True);
    }
}
