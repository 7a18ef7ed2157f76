using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Records;
using Ogong.Settlement;

namespace Ogong.Tests.Diffusion;

/// <summary>A trajectory's attestations are paid like a text reply's: the same slices, split and statement.</summary>
internal sealed class TrajectorySettlementTests
{
    private static readonly SettlementTerms terms = new(SettlementPolicy.ForfeitSlice, 20_000, 10_000);

    [Test]
    public async Task A_trajectory_settles_by_its_work_units([Values(-1, 0, 2)] int cheat)
    {
        var toy = new TestTrajectory { Boundaries = [0, 1, 4, 6], Model = k => k == cheat ? new ToyDenoiser().RoundedTo8Bits() : new ToyDenoiser() };
        TrajectoryReply reply = toy.Produce();
        Verdict verdict = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, default, 3);
        Assert.That(verdict.Offender?.Segment ?? -1, Is.EqualTo(cheat));
        SegmentAttestation[] attestations = [.. reply.Segments.Select(s => s.Attestation.Message)];
        var statement = new SettlementStatement(
            toy.Order.Network, 1, toy.Order.Hash(), reply.Record.Message.Hash(), toy.Order.ConsumerKeyId, toy.Order.Fee, terms,
            attestations.Select((a, k) => new Slice(a.ProviderKeyId, a.WorkUnits, verdict.Offender?.Segment == k)), lead: 0);

        // Ten steps, two branches: (100 + 10), 300 and (200 + 7) units a step and branch.
        Assert.That(statement.Slices.Select(s => s.WorkUnits), Is.EqualTo(new ulong[] { 2200, 6000, 4140 }));
        UInt128[] full = [0, 471_636, 325_429]; // ⌊970 000 · units / 12 340⌋
        full[0] = 970_000 - full[1] - full[2]; // The lead takes the rounding residual.
        Assert.That(statement.Split.Payments.Select(p => p.Amount), Is.EqualTo(full.Select((amount, k) => k == cheat ? 0 : amount)));
        Assert.That(statement.Split.Refund, Is.EqualTo(cheat < 0 ? UInt128.Zero : full[cheat]));
        Assert.That(Canonical.Decode<SettlementStatement>(statement.Encode()).Value.Hash(), Is.EqualTo(statement.Hash()));
    }
}
