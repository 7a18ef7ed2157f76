using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Diffusion;

namespace Ogong.Tests.Diffusion;

/// <summary>What drawn transitions catch: the formulas, the simulated draws and the auditor agree.</summary>
internal sealed class TrajectoryDetectionTests
{
    private static readonly Digest record = new HashTag("test/record").Hash([7]);

    [TestCase(20, 2, 1)]
    [TestCase(20, 10, 3)]
    [TestCase(50, 5, 8)]
    [TestCase(50, 25, 4)]
    [TestCase(100, 10, 10)]
    [TestCase(30, 1, 30)]
    public void Simulated_audits_catch_what_the_formulas_say(int steps, int wrong, int drawn)
    {
        // A confidence of 99.99 % for each of the six cases: a right formula fails one of them with probability below 6e-4; the draws are seeded.
        var detection = new TrajectoryDetection(new CommittedSteps(steps, 1), drawn);
        DetectionMeasurement measured = detection.Measure(Enumerable.Range(0, wrong).Select(i => i * (steps - 1) / wrong).ToHashSet(), 3000, 0.9999, record);
        double exact = detection.Probability(wrong), bound = detection.Bound(wrong / (double)steps);
        TestContext.Out.WriteLine($"N = {steps}, wrong {wrong}, drawn {drawn}: measured {measured.Rate:F4} in [{measured.Low:F4}, {measured.High:F4}], hypergeometric {exact:F4}, 1-(1-f)^k {bound:F4}");
        Assert.That(exact, Is.InRange(measured.Low, measured.High));
        Assert.That(bound, Is.LessThanOrEqualTo(Math.Min(measured.High, exact + 1e-12)), "1 − (1 − f)^k is a lower bound");
    }

    [Test]
    public async Task The_auditor_rejects_exactly_the_draws_that_hit()
    {
        // Three of ten steps repeated: the step before a copy is right, the copy is not, and the step after the copy starts from it and is right again.
        int[] copied = [2, 5, 6];
        var toy = new TestTrajectory { Boundaries = [0, 6] };
        float[] previous = toy.Order.CreateInitialLatent();
        TrajectoryReply reply = (toy with { EditLatent = (s, x) => previous = copied.Contains(s) ? previous : x }).Produce();
        var auditor = new TrajectoryAuditor(new ToyDenoiser());
        int rejected = 0;
        for (int i = 0; i < 60; i++)
        {
            Digest beacon = new HashTag("test/beacon").Hash([(byte)i]);
            bool hit = TrajectoryAuditor.Draw(reply, beacon, 2).Any(copied.Contains);
            Verdict verdict = await auditor.AuditAsync(reply, beacon, 2);
            Assert.That(verdict.Outcome == AuditOutcome.Reject, Is.EqualTo(hit));
            if (!hit) continue;
            rejected++;
            Assert.That(copied, Does.Contain(verdict.DecidedBy!.Step!.Value));
        }
        double expected = new TrajectoryDetection(new CommittedSteps(10, 1), 2).Probability(3);
        DetectionMeasurement measured = DetectionMeasurement.Of(rejected, 60, 0.999);
        Assert.That(expected, Is.EqualTo(1 - (7.0 * 6 / (10 * 9))).Within(1e-12).And.InRange(measured.Low, measured.High));
    }

    [Test]
    public void Probabilities_at_their_ends()
    {
        var detection = new TrajectoryDetection(new CommittedSteps(50, 1), 5);
        Assert.That((detection.Probability(0), detection.Bound(0)), Is.EqualTo((0, 0)));
        Assert.That((detection.Probability(50), detection.Bound(1)), Is.EqualTo((1, 1)));
        Assert.That(detection.Probability(46), Is.EqualTo(1), "four right ones cannot fill five draws");
        Assert.That(detection.Probability(1), Is.EqualTo(0.1).Within(1e-12), "k/T");
        Assert.That(new TrajectoryDetection(new CommittedSteps(50, 1), 99).Probability(1), Is.EqualTo(1));
    }

    [TestCase(0.5, 0.99, 7)]
    [TestCase(0.1, 0.95, 29)]
    [TestCase(1, 0.99, 1)]
    [TestCase(0.5, 0, 0)]
    public void Draws_for_a_target(double share, double target, int draws)
    {
        Assert.That(TrajectoryDetection.DrawsFor(share, target), Is.EqualTo(draws));
        Assert.That(new TrajectoryDetection(new CommittedSteps(1000, 1), draws).Bound(share), Is.GreaterThanOrEqualTo(target));
    }

    [TestCase(50, 1, 0, 1)]
    [TestCase(50, 1, 50, 50)]
    [TestCase(50, 1, 5, 5.9)]
    [TestCase(50, 8, 2, 2 + (2 / 7.0 * 48))]
    public void Cost_in_steps(int steps, int stride, int drawn, double expected)
    {
        var detection = new TrajectoryDetection(new CommittedSteps(steps, stride), drawn);
        Assert.That(detection.ExpectedSteps, Is.EqualTo(expected).Within(1e-9));
        double mean = Enumerable.Range(0, 2000).Average(i =>
            TrajectoryAuditor.Draw(detection.Committed, new HashTag("test/cost").Hash(BitConverter.GetBytes(i)), record, drawn).Sum(t => detection.Committed[t + 1] - detection.Committed[t]));
        Assert.That(mean, Is.EqualTo(detection.ExpectedSteps).Within(0.05 * detection.ExpectedSteps));
    }

    [Test]
    public void Intervals_hold_the_published_values()
    {
        // Clopper and Pearson at 95 %: 0 of 10, 3 of 10 and 10 of 10, as in the tables of binomial confidence limits.
        AssertInterval(0, 10, 0, 0.3085);
        AssertInterval(3, 10, 0.0667, 0.6525);
        AssertInterval(10, 10, 0.6915, 1);
    }

    private static void AssertInterval(int detected, int trials, double low, double high)
    {
        DetectionMeasurement interval = DetectionMeasurement.Of(detected, trials, 0.95);
        Assert.That((interval.Low, interval.High), Is.EqualTo((low, high)).Using<(double L, double H)>((a, b) => Math.Abs(a.L - b.L) < 5e-5 && Math.Abs(a.H - b.H) < 5e-5));
    }

    [Test]
    public void Committed_steps_end_with_the_last()
    {
        var committed = new CommittedSteps(10, 4);
        Assert.That((committed.Count, committed.Transitions), Is.EqualTo((4, 3)));
        Assert.That(Enumerable.Range(0, 4).Select(i => committed[i]), Is.EqualTo(new[] { 0, 4, 8, 10 }));
        Assert.That(Enumerable.Range(-1, 13).Select(committed.IndexOf), Is.EqualTo(new[] { -1, 0, -1, -1, -1, 1, -1, -1, -1, 2, -1, 3, -1 }));
        Assert.That(() => committed[4], Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
