using NUnit.Framework;
using Ogong.Audit;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Tests.Audit;

/// <summary>Draws: fixed by vectors, uniform by count, and without the bias of a plain remainder.</summary>
public sealed class AuditDrawTests
{
    private static readonly LocalBeacon Beacon = new(default);
    private static readonly HashTag Tag = new("ogong/test-record/1");

    [Test]
    public void A_round_decides_what_the_vectors_say()
    {
        // The round of quicknet that the beacon tests verify; the record hash is all zeros.
        var round = new BeaconRound(
            Digest.Parse("52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"), 1000, Digest.Parse("fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"));
        var draw = new AuditDraw(round, default);
        Assert.That(round.Value.ToString(), Is.EqualTo("a6888a3ade7a07fd53abf6147df9370f2c8a4b1a6e82ad7db778b767ea36055e"));
        Assert.That(draw.Below("audit", 1_000_000), Is.EqualTo(252997));
        Assert.That((draw.Verifier(100), draw.Verifier(100, 1)), Is.EqualTo((87, 26)));
        Assert.That(draw.Windows(4, 64), Is.EqualTo(new[] { 8, 17, 33, 55 }));
        Assert.That(draw.Segments(2, 8), Is.EqualTo(new[] { 5, 7 }));
        Assert.That(draw.Steps(3, 50), Is.EqualTo(new[] { 12, 41, 42 }));
    }

    [Test]
    public void Coverage_is_the_share_audited()
    {
        foreach (uint coverage in new uint[] { 0, 1_000, 250_000, 1_000_000 })
        {
            int audited = Draws(20_000).Count(draw => draw.IsAudited(coverage));
            double expected = 20_000.0 * coverage / 1e6, deviation = Math.Sqrt(expected * (1 - coverage / 1e6));
            Assert.That(audited, Is.EqualTo(expected).Within(5 * deviation));
        }
        Assert.That(() => Draws(1).First().IsAudited(1_000_001), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void More_coverage_audits_no_reply_less() =>
        Assert.That(Draws(2000).Where(draw => draw.IsAudited(100_000)), Is.All.Matches<AuditDraw>(draw => draw!.IsAudited(100_001) && draw.IsAudited(900_000)));

    [Test]
    public void Every_set_of_windows_is_as_likely_as_every_other()
    {
        // 2 of 5: ten sets, χ² with nine degrees of freedom; 33.7 is exceeded with probability 1e-4.
        var counts = Draws(20_000).GroupBy(draw => string.Join(',', draw.Windows(2, 5))).ToDictionary(group => group.Key, group => group.Count());
        Assert.That(counts, Has.Count.EqualTo(10));
        Assert.That(counts.Values.Sum(count => Math.Pow(count - 2000, 2) / 2000), Is.LessThan(33.7));
    }

    [TestCase(0, 5)]
    [TestCase(5, 5)]
    [TestCase(9, 5)]
    [TestCase(3, 0)]
    [TestCase(7, 1_000_000)]
    public void Chosen_windows_are_distinct_and_ascending(int count, int windows)
    {
        foreach (AuditDraw draw in Draws(50))
        {
            int[] chosen = draw.Windows(count, windows);
            Assert.That(chosen, Has.Length.EqualTo(Math.Min(count, windows)));
            Assert.That(chosen, Is.Ordered.And.Unique.And.All.InRange(0, Math.Max(0, windows - 1)));
        }
    }

    [Test]
    public void A_bound_just_above_half_the_words_is_not_biased()
    {
        // A plain remainder of a 64-bit word would give the lower half of [0, 3·2^62) twice the weight: two thirds instead of a half.
        const ulong Bound = 3UL << 62;
        int low = Enumerable.Range(0, 4000).Count(i => BeaconDraw.Below(Beacon.Round(1).Value, Tag.Hash(BitConverter.GetBytes(i)), "bias", Bound) < 1UL << 62);
        Assert.That(low, Is.EqualTo(4000 / 3.0).Within(5 * Math.Sqrt(4000 * 2 / 9.0)));
    }

    [Test]
    public void Another_round_record_chain_or_purpose_draws_anew()
    {
        AuditDraw draw = Draws(1).First();
        var others = new[]
        {
            new AuditDraw(Beacon.Round(2), draw.RecordHash), new AuditDraw(Beacon.Round(1), Tag.Hash([9])), new AuditDraw(new LocalBeacon(default, 1).Round(1), draw.RecordHash),
        };
        Assert.That(others.Select(other => other.Below("audit", int.MaxValue)), Is.All.Not.EqualTo(draw.Below("audit", int.MaxValue)));
        Assert.That(draw.Below("other", int.MaxValue), Is.Not.EqualTo(draw.Below("audit", int.MaxValue)));
    }

    private static IEnumerable<AuditDraw> Draws(int count) => Enumerable.Range(0, count).Select(i => new AuditDraw(Beacon.Round(1), Tag.Hash(BitConverter.GetBytes(i))));
}
