using System.Numerics;

namespace Ogong.Settlement;

/// <summary>
/// Where a fee goes. Conservation is an invariant of the type: an instance exists only if Σ payments + refund + audit pool + protocol = fee,
/// in integer base units, for any fee a 128-bit integer holds.
/// </summary>
public sealed class FeeSplit
{
    /// <summary>States a split.</summary>
    /// <exception cref="ArgumentException">The parts do not add up to the fee exactly.</exception>
    public FeeSplit(UInt128 fee, IReadOnlyList<Payment> payments, UInt128 refund, UInt128 auditPool, UInt128 protocol)
    {
        ArgumentNullException.ThrowIfNull(payments);
        BigInteger sum = (BigInteger)refund + auditPool + protocol;
        foreach (Payment payment in payments) sum += payment.Amount;
        if (sum != fee) throw new ArgumentException($"The parts add up to {sum}, not to the fee of {fee}.", nameof(payments));
        (Fee, Payments, Refund, AuditPool, Protocol) = (fee, [.. payments], refund, auditPool, protocol);
    }

    /// <summary>What the consumer put up.</summary>
    public UInt128 Fee { get; }

    /// <summary>What each slice's provider gets, in slice order; 0 where nothing.</summary>
    public IReadOnlyList<Payment> Payments { get; }

    /// <summary>What goes back to the consumer.</summary>
    public UInt128 Refund { get; }

    /// <summary>What pays for audits.</summary>
    public UInt128 AuditPool { get; }

    /// <summary>What the protocol keeps.</summary>
    public UInt128 Protocol { get; }

    /// <summary>
    /// Splits a fee: <c>P = fee − ⌊fee·audit⌋ − ⌊fee·protocol⌋</c>, slice i gets <c>⌊P · units_i / Σ units⌋</c>, and the lead's slice takes the rounding residual.
    /// A rejected slice's amount (with the residual, if it is the lead's) is refunded under <see cref="SettlementPolicy.ForfeitSlice"/>; any rejected slice refunds the whole fee under
    /// <see cref="SettlementPolicy.WithholdRequest"/>.
    /// </summary>
    /// <param name="fee">Integer base units.</param>
    /// <param name="terms">Shares and policy.</param>
    /// <param name="slices">Who did how much.</param>
    /// <param name="lead">Index of the lead's slice.</param>
    /// <exception cref="ArgumentException">The terms exceed the fee, or there is no work to share it by.</exception>
    public static FeeSplit Compute(UInt128 fee, SettlementTerms terms, IReadOnlyList<Slice> slices, int lead)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(slices);
        ArgumentOutOfRangeException.ThrowIfNegative(lead);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(lead, slices.Count);
        if ((ulong)terms.AuditPerMillion + terms.ProtocolPerMillion > SettlementTerms.Million)
            throw new ArgumentException("The audit pool and the protocol cannot get more than the fee.", nameof(terms));
        BigInteger total = slices.Aggregate(BigInteger.Zero, (sum, slice) => sum + slice.WorkUnits);
        if (total.IsZero) throw new ArgumentException("No slice did any work.", nameof(slices));
        bool caught = slices.Any(slice => slice.Rejected);
        if (caught && terms.Policy == SettlementPolicy.WithholdRequest)
            return new FeeSplit(fee, [.. slices.Select(slice => new Payment(slice.Provider, 0))], fee, 0, 0);

        UInt128 audit = Floor(fee, terms.AuditPerMillion, SettlementTerms.Million);
        UInt128 protocol = Floor(fee, terms.ProtocolPerMillion, SettlementTerms.Million);
        UInt128 providers = fee - audit - protocol;
        UInt128[] shares = [.. slices.Select(slice => Floor(providers, slice.WorkUnits, total))];
        UInt128 shared = shares.Aggregate(UInt128.Zero, (sum, share) => sum + share);
        shares[lead] += providers - shared;

        UInt128 refund = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            if (!slices[i].Rejected) continue;
            refund += shares[i];
            shares[i] = 0;
        }
        return new FeeSplit(fee, [.. slices.Zip(shares, (slice, share) => new Payment(slice.Provider, share))], refund, audit, protocol);
    }

    // The product needs up to 192 bits; the quotient fits because numerator ≤ denominator.
    private static UInt128 Floor(UInt128 amount, BigInteger numerator, BigInteger denominator) => (UInt128)(amount * numerator / denominator);
}
