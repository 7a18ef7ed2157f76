using System.Globalization;
using NUnit.Framework;
using Ogong.Ejection;

namespace Ogong.Tests.Ejection;

/// <summary>The sequential test: its bound on honest lives, its speed on cheats, and its arithmetic.</summary>
public sealed class EjectionProcessTests
{
    private static readonly EjectionParameters Parameters = new();

    [Test]
    public void A_bet_never_gains_on_an_honest_provider()
    {
        foreach (double q in Parameters.Rates)
        {
            foreach (double p in new[] { 0, Parameters.HonestFailureBound / 2, Parameters.HonestFailureBound })
            {
                double expected = p * q / Parameters.HonestFailureBound + (1 - p) * (1 - q) / (1 - Parameters.HonestFailureBound);
                Assert.That(expected, Is.LessThanOrEqualTo(1 + 1e-12));
            }
        }
    }

    [Test]
    public void The_expected_evidence_of_all_short_lives_is_at_most_one()
    {
        // Exact expectation over the 2^10 lives of ten audits at the honest bound, no threshold in the way.
        var parameters = new EjectionParameters(beta: 1e-300, honestFailureBound: 0.05, detectableRate: 0.1);
        double expected = 0;
        for (int life = 0; life < 1 << 10; life++)
        {
            var process = new EjectionProcess(parameters);
            for (int t = 0; t < 10; t++) process.Add(1, life >> t & 1);
            int failures = int.PopCount(life);
            expected += Math.Pow(0.05, failures) * Math.Pow(0.95, 10 - failures) * process.Evidence;
        }
        Assert.That(expected, Is.EqualTo(1).Within(1e-9));
    }

    [Test]
    public void Evidence_starts_at_one_and_falls_while_audits_pass()
    {
        var process = new EjectionProcess(Parameters);
        Assert.That(process.Evidence, Is.EqualTo(1));
        for (double before = 1; process.Epochs < 500; before = process.Evidence)
        {
            Assert.That(process.Add(1, 0), Is.False);
            Assert.That(process.Evidence, Is.LessThan(before));
        }
    }

    [Test]
    public void A_provider_that_always_fails_is_ejected_at_once_and_stays_so()
    {
        var process = new EjectionProcess(Parameters);
        int audits = 1;
        while (!process.Add(1, 1)) audits++;
        Assert.That(audits, Is.LessThanOrEqualTo(Math.Ceiling(Parameters.ExpectedAudits(1)) + 1));
        Assert.That(process.Add(60_000, 0), Is.True);
    }

    [Test]
    public void An_epoch_counts_as_its_audits_one_by_one_but_for_the_stakes()
    {
        // The whole capital staked before the only epoch: half of it, shared by the rates.
        var process = new EjectionProcess(Parameters);
        process.Add(100, 1);
        double expected = 0.5 + Parameters.Rates.Sum(q => 0.5 / Parameters.Rates.Length * (q / 1e-4) * Math.Pow((1 - q) / (1 - 1e-4), 99));
        Assert.That(process.Evidence, Is.EqualTo(expected).Within(1e-9));
    }

    [TestCase(65_535, 0)]
    [TestCase(65_535, 65_535)]
    [TestCase(65_535, 300)]
    public void Large_epochs_neither_overflow_nor_become_undefined(int audits, int failures)
    {
        var process = new EjectionProcess(Parameters);
        bool ejected = process.Add(audits, failures);
        Assert.That(double.IsNaN(process.Evidence), Is.False);
        Assert.That(ejected, Is.EqualTo(failures > 0));
    }

    [Test]
    public void Skipping_to_the_failures_gives_the_same_decisions()
    {
        var parameters = new EjectionParameters(beta: 0.05, honestFailureBound: 0.01, detectableRate: 0.05);
        var lives = new HonestLifetimes(parameters, 400);
        int ejected = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            // The simulator's own gaps, replayed audit by audit.
            bool skipped = lives.IsEjected(0.03, new Random(seed));
            var random = new Random(seed);
            var process = new EjectionProcess(parameters);
            while (!process.IsEjected && process.Epochs < 400)
            {
                double gap = Math.Floor(Math.Log(1 - random.NextDouble()) / Math.Log(1 - 0.03));
                for (int i = 0; i < gap && process.Epochs < 400; i++) process.Add(1, 0);
                if (process.Epochs < 400) process.Add(1, 1);
            }
            Assert.That(process.IsEjected, Is.EqualTo(skipped), $"life {seed}");
            ejected += skipped ? 1 : 0;
        }
        Assert.That(ejected, Is.InRange(20, 280), "both outcomes must occur");
    }

    [TestCase(0.001, 1e-4, 0.01, 1_000_000)]
    [TestCase(0.05, 1e-4, 0.01, 100_000)]
    [TestCase(0.05, 1e-2, 0.05, 10_000)]
    public void Honest_lives_are_ejected_no_more_often_than_beta(double beta, double epsilon, double rate, int lives) => Check(beta, epsilon, rate, lives);

    [TestCase(0.001, 1e-3, 0.01)]
    [TestCase(0.01, 1e-2, 0.05)]
    [Explicit("A million lives of ten thousand audits, minutes.")]
    public void A_million_honest_lives_are_ejected_no_more_often_than_beta(double beta, double epsilon, double rate) => Check(beta, epsilon, rate, 1_000_000);

    [Test]
    public void Detection_takes_the_stated_time()
    {
        foreach (double beta in new[] { 1e-2, 1e-3, 1e-6 })
        {
            var line = new List<string>();
            foreach (double p in new[] { 0.01, 0.02, 0.05, 0.1, 0.25, 1 })
            {
                var parameters = new EjectionParameters(beta: beta);
                double mean = MeanAudits(parameters, p, start: 0, lives: 60), stated = parameters.ExpectedAudits(p);
                Assert.That(mean, Is.LessThan(stated * 1.6 + 2), $"β = {beta}, p = {p}");
                line.Add(string.Create(CultureInfo.InvariantCulture, $"p={p}: {mean:F0} (stated {stated:F0})"));
            }
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"beta={beta}: {string.Join(", ", line)}"));
        }
    }

    [Test]
    public void A_cheat_after_a_long_honest_career_is_found_as_well()
    {
        double fresh = MeanAudits(Parameters, 0.1, start: 0, lives: 60), late = MeanAudits(Parameters, 0.1, start: 10_000, lives: 60);
        Assert.That(late, Is.LessThan(Parameters.ExpectedAudits(0.1, 10_001) * 1.6));
        Assert.That(late, Is.LessThan(5 * fresh));
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fresh {fresh:F0}, after 10000 honest audits {late:F0}"));
    }

    [TestCase(0.0, 0.1, 0.2)]
    [TestCase(1.0, 0.1, 0.2)]
    [TestCase(0.1, 0.0, 0.2)]
    [TestCase(0.1, 0.2, 0.2)]
    [TestCase(0.1, 0.1, 0.6)]
    [TestCase(double.NaN, 0.1, 0.2)]
    public void Parameters_that_make_no_test_are_refused(double beta, double epsilon, double rate) =>
        Assert.That(() => new EjectionParameters(beta, epsilon, rate), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void The_confidence_interval_rarely_ever_misses_the_rate()
    {
        var random = new Random(5);
        int missed = 0;
        for (int life = 0; life < 300; life++)
        {
            int failures = 0;
            for (int n = 1; n <= 1000; n++)
            {
                failures += random.NextDouble() < 0.02 ? 1 : 0;
                if (n % 10 != 0) continue;
                (double low, double high) = ConfidenceSequence.Interval(n, failures, 0.1);
                Assert.That(low, Is.LessThanOrEqualTo((double)failures / n).And.GreaterThanOrEqualTo(0));
                Assert.That(high, Is.GreaterThanOrEqualTo((double)failures / n).And.LessThanOrEqualTo(1));
                if (0.02 >= low && 0.02 <= high) continue;
                missed++;
                break;
            }
        }
        Assert.That(missed / 300.0, Is.LessThanOrEqualTo(0.1));
        Assert.That(ConfidenceSequence.Interval(1_000_000, 20_000), Is.EqualTo((0.02, 0.02)).Using<(double Low, double High)>((a, b) => Math.Abs(a.Low - b.Low) < 1e-3 && Math.Abs(a.High - b.High) < 1e-3));
        Assert.That(ConfidenceSequence.Interval(0, 0), Is.EqualTo((0.0, 1.0)));
    }

    private static void Check(double beta, double epsilon, double rate, int lives)
    {
        var parameters = new EjectionParameters(beta, epsilon, rate);
        double share = new HonestLifetimes(parameters, 10_000).EjectedShare(epsilon, lives, seed: 7);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"beta {beta}, epsilon {epsilon}, {lives} lives: ejected {share}"));
        // The true share is at most β; the sample may exceed it by chance, five deviations at most.
        Assert.That(share, Is.LessThanOrEqualTo(beta + 5 * Math.Sqrt(beta * (1 - beta) / lives)));
        Assert.That(share, Is.GreaterThan(0), "a test that ejects nobody shows nothing");
    }

    private static double MeanAudits(EjectionParameters parameters, double failureRate, int start, int lives)
    {
        var random = new Random(11);
        double sum = 0;
        for (int life = 0; life < lives; life++)
        {
            var process = new EjectionProcess(parameters);
            for (int t = 0; t < start; t++) process.Add(1, 0);
            do sum++;
            while (!process.Add(1, random.NextDouble() < failureRate ? 1 : 0));
        }
        return sum / lives;
    }
}
