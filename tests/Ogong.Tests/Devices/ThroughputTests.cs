using System.Globalization;
using NUnit.Framework;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Devices;

namespace Ogong.Tests.Devices;

/// <summary>One device, one identity: the challenge, and Sybils that share a device.</summary>
public sealed class ThroughputTests
{
    private const ulong Claim = 1_000_000;
    private static readonly HashTag Tag = new("ogong/test-device/1");
    private static readonly ThroughputPolicy Policy = new(TimeSpan.FromSeconds(4));

    [Test]
    public void A_challenge_is_duty_then_filler_and_exactly_as_much_as_claimed()
    {
        AuditDuty[] duty = [new(Tag.Hash([1]), 0, 700), new(Tag.Hash([2]), 1, 600), new(Tag.Hash([3]), 0, 500), new(Tag.Hash([4]), 0, 9999)];
        BeaconRound round = new LocalBeacon(default).Round(1);
        var challenge = new ThroughputChallenge(round, Tag.Hash([9]), duty, 2000, 64);
        Assert.That(challenge.Pieces.Aggregate(0UL, (sum, piece) => sum + piece.Units), Is.EqualTo(2000UL));
        Assert.That(challenge.Pieces.Where(piece => piece.Duty is not null).Select(piece => piece.Duty), Is.EquivalentTo(duty[..3]));
        Assert.That(challenge.Pieces.SkipWhile(piece => piece.Duty is not null).Select(piece => piece.Duty), Is.All.Null);
        // The order of the list does not matter; the identity and the round do.
        Assert.That(new ThroughputChallenge(round, Tag.Hash([9]), duty.Reverse(), 2000, 64).Pieces, Is.EqualTo(challenge.Pieces));
        Assert.That(new ThroughputChallenge(round, Tag.Hash([8]), duty, 2000, 64).Pieces[^1], Is.Not.EqualTo(challenge.Pieces[^1]));
        Assert.That(new ThroughputChallenge(new LocalBeacon(default).Round(2), Tag.Hash([9]), duty, 2000, 64).Pieces[^1], Is.Not.EqualTo(challenge.Pieces[^1]));
        Assert.That(challenge.Pieces[challenge.DrawnFiller(round)!.Value].Duty, Is.Null);
        Assert.That(new ThroughputChallenge(round, default, duty[..1], 700, 64).DrawnFiller(round), Is.Null);
    }

    [Test]
    public void An_answer_serves_one_identity_and_one_round()
    {
        BeaconRound one = new LocalBeacon(default).Round(1), two = new LocalBeacon(default).Round(2);
        Digest[] outputs = [Tag.Hash([1]), Tag.Hash([2])];
        Digest[] answers =
        [
            Make(one, 1).Answer(outputs), Make(two, 1).Answer(outputs), Make(one, 2).Answer(outputs), Make(one, 1).Answer([outputs[1], outputs[0]]),
        ];
        Assert.That(answers, Is.Unique);
        Assert.That(() => Make(one, 1).Answer([default]), Throws.ArgumentException);

        static ThroughputChallenge Make(BeaconRound round, byte key) => new(round, Tag.Hash([key]), [], 128, 64);
    }

    [Test]
    public void The_stated_false_reject_is_the_binomial_tail()
    {
        Assert.That(Policy.FalseReject(0), Is.Zero);
        Assert.That(Policy.FalseReject(1), Is.EqualTo(1).Within(1e-12));
        // Three or more of eight late, at 2 % each.
        double expected = 1 - Math.Pow(0.98, 8) - 8 * 0.02 * Math.Pow(0.98, 7) - 28 * 0.0004 * Math.Pow(0.98, 6);
        Assert.That(Policy.FalseReject(0.02), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void Honest_identities_pass_in_spite_of_jitter_and_stragglers()
    {
        // Lognormal jitter of 5 %, and one round in a hundred at three times the time.
        var random = new Random(1);
        int failed = 0, late = 0, answers = 0;
        for (int identity = 0; identity < 5000; identity++)
        {
            var record = new ThroughputRecord(Policy);
            for (int round = 0; round < Policy.Rounds; round++)
            {
                TimeSpan after = Policy.Work * Jitter(random) + TimeSpan.FromMilliseconds(random.Next(20, 200));
                record.Add(true, after);
                answers++;
                late += after > Policy.Deadline ? 1 : 0;
            }
            failed += record.IsShown ? 0 : 1;
        }
        double share = failed / 5000.0, stated = Policy.FalseReject((double)late / answers);
        Assert.That(share, Is.LessThanOrEqualTo(stated + 4 * Math.Sqrt(stated / 5000) + 1e-3));
        Assert.That(late, Is.GreaterThan(0), "some must be late, or nothing is tested");
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"late {(double)late / answers:P2}, failed {share:P3}, stated {stated:P3}"));
    }

    [TestCase(1, 0.3)]
    [TestCase(1, 0.0)]
    [TestCase(4, 0.05)]
    [TestCase(10, 0.0)]
    public void Sybils_on_one_device_keep_no_more_identities_than_its_throughput_allows(int devices, double jitter)
    {
        var random = new Random(2);
        long bound = Policy.MaxIdentities(devices * (double)Claim, Claim);
        for (int identities = 1; identities <= 3 * devices + 3; identities++)
        {
            ThroughputRecord[] records = [.. Enumerable.Range(0, identities).Select(_ => new ThroughputRecord(Policy))];
            int turn = 0;
            for (int round = 0; round < Policy.Rounds; round++)
            {
                // The best the operator can do: finish whole challenges one after another, at full speed, those first that are furthest behind.
                double busy = 0;
                foreach (ThroughputRecord record in records.OrderBy(r => r.InTime).ThenBy(_ => turn++ % identities).ToList())
                {
                    busy += Policy.Work.TotalSeconds / devices * (1 + jitter * random.NextDouble());
                    record.Add(true, TimeSpan.FromSeconds(busy));
                }
            }
            Assert.That(records.Count(record => record.IsShown), Is.LessThanOrEqualTo(bound), $"{identities} identities on {devices} devices");
            if (identities <= devices && jitter == 0) Assert.That(records, Is.All.Matches<ThroughputRecord>(record => record!.IsShown));
        }
        Assert.That(bound, Is.LessThan(2 * devices + 1));
    }

    [Test]
    public void Wrong_answers_and_few_rounds_show_nothing()
    {
        var record = new ThroughputRecord(Policy);
        for (int i = 0; i < Policy.Rounds - 1; i++) record.Add(true, TimeSpan.Zero);
        Assert.That(record.IsShown, Is.False, "not yet asked often enough");
        record.Add(true, TimeSpan.Zero);
        Assert.That(record.IsShown);
        for (int i = 0; i < 3; i++) record.Add(false, TimeSpan.Zero);
        Assert.That(record.IsShown, Is.False);
    }

    [Test]
    public void Terms_that_show_nothing_are_refused()
    {
        Assert.That(() => new ThroughputPolicy(TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ThroughputPolicy(TimeSpan.FromSeconds(1), needed: 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(Policy.Units(Claim), Is.EqualTo(4 * Claim));
        Assert.That(Policy.Deadline, Is.EqualTo(TimeSpan.FromSeconds(5.25)));
    }

    private static double Jitter(Random random)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Exp(0.05 * normal) * (random.Next(100) == 0 ? 3 : 1);
    }
}
