using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Numerics;

namespace Ogong.Tests.Commitments;

public class EvidenceTests
{
    [Test]
    public void Hidden_distance_is_zero_for_equal_and_grows_with_difference()
    {
        float[] v = [3, 4, 0, 0, 6, 8];
        Assert.That(HiddenDistance.Between(v, v, 2), Is.EqualTo(new HiddenDistance(0, 0, 0)));
        // One of three rows off by half its norm: 5 / 10 there, 5 / sqrt(125) pooled.
        HiddenDistance d = HiddenDistance.Between([3, 4, 0, 0, 9, 12], v, 2);
        Assert.That(d.WorstPosition, Is.EqualTo(0.5).Within(1e-12));
        Assert.That(d.WorstRow, Is.EqualTo(2));
        Assert.That(d.Window, Is.EqualTo(5 / Math.Sqrt(125)).Within(1e-12));
        Assert.That(HiddenDistance.Between([3, 4, 1, 0, 6, 8], v, 2).WorstPosition, Is.GreaterThan(1e37).And.LessThan(double.PositiveInfinity), "a recomputed row of zeros");
    }

    [Test]
    public void A_sketch_estimates_the_distance_of_states()
    {
        float[] v = CommitmentTests.Rows(32, 512, 3), noise = CommitmentTests.Rows(32, 512, 4);
        float[] s = [.. v.Zip(noise, (a, b) => a + (0.02f * b))];
        double states = HiddenDistance.Between(s, v, 512).Window;
        var bank = new SketchParameters(9, 32, StorageFormat.F16);
        double sketched = HiddenDistance.Between(SrpBank.Project(s, 512, bank), SrpBank.Project(v, 512, bank)).Window;
        Assert.That(states, Is.EqualTo(0.02).Within(0.001));
        Assert.That(sketched, Is.EqualTo(states).Within(0.15 * states));
    }

    [Test]
    public void The_bank_is_the_profiles_operation()
    {
        float[] rows = CommitmentTests.Rows(2, 300, 5);
        var values = new float[4];
        SrpBank.Project(rows, 300, new SketchParameters(77, 4, StorageFormat.F32)).Row(1, values);
        for (int d = 0; d < 4; d++)
        {
            float[] signs = [.. Enumerable.Range(0, 300).Select(c => Randomness.SrpSign(77, d, c))];
            Assert.That(values[d], Is.EqualTo(Reductions.Dot(rows.AsSpan(300), signs) * (1f / MathF.Sqrt(300))));
        }
    }

    [Test]
    public void Ks_distance_on_worked_cases()
    {
        TopKWindow a = Top([1, 2], 0.5, 0.3);
        Assert.That(Ks(a, a), Is.Zero);
        Assert.That(Ks(Top([1, 2], 0.6, 0.3), a), Is.EqualTo(0.1).Within(1e-6), "0.6 against 0.5, then 0.9 against 0.8");
        Assert.That(Ks(Top([2, 1], 0.5, 0.3), a), Is.EqualTo(0.2).Within(1e-6), "swapped");
        Assert.That(Ks(Top([7, 8], 0.5, 0.3), a), Is.EqualTo(0.8).Within(1e-6), "disjoint: all the listed mass moved");
        Assert.That(Ks(Top([1, 9], 0.5, 0.3), a), Is.EqualTo(0.3).Within(1e-6), "second place exchanged");
        Assert.That(Ks(Top([1, 2], 1, 0), a), Is.EqualTo(0.5).Within(1e-6), "residual mass taken");
    }

    [Test]
    public void Ks_distance_is_bounded_and_says_where()
    {
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            TopKWindow a = Random(random), b = Random(random);
            TopKDistance d = TopKDistance.Between(a, b);
            Assert.That(d.WorstPosition, Is.InRange(d.Window, 1));
            Assert.That(TopKDistance.Between(a, a), Is.EqualTo(new TopKDistance(0, 0, 0)));
        }
        TopKWindow first = TopKWindow.Create(1, [1, 1, 1], [-0.1f, -0.1f, -0.1f]), second = TopKWindow.Create(1, [1, 2, 1], [-0.1f, -0.1f, -0.1f]);
        Assert.That(TopKDistance.Between(first, second).WorstRow, Is.EqualTo(1));
    }

    [Test]
    public void A_draw_is_reproducible_and_uniform()
    {
        Digest beacon = new HashTag("test/beacon").Hash([1]);
        var counts = new int[7];
        for (int i = 0; i < 7000; i++) counts[BeaconDraw.Below(beacon, new HashTag("test/subject").Hash(BitConverter.GetBytes(i)), "test", 7)]++;
        Assert.That(counts, Has.All.InRange(850, 1150));
        Assert.That(BeaconDraw.Below(beacon, default, "a", 1 << 30), Is.Not.EqualTo(BeaconDraw.Below(beacon, default, "b", 1 << 30)));
        Assert.That(BeaconDraw.Below(default, default, "vector", 1_000_000), Is.EqualTo(436161));
    }

    [Test]
    public void A_challenge_stands_only_for_the_committed_states_honestly_sketched()
    {
        const int width = 64;
        float[] honest = CommitmentTests.Rows(32, width, 6);
        float[] cheap = [.. honest.Select(v => v * 1.3f)];
        var publicBank = new SketchParameters(3, 16, StorageFormat.F16);
        Challenge challenge = Challenge.FromBeacon(new HashTag("test/beacon").Hash([2]), default, 5);
        Assert.That(challenge.Window, Is.InRange(0, 4));
        SketchWindow own = SrpBank.Project(honest, width, challenge.Bank);
        SketchWindow committedSketch = SrpBank.Project(honest, width, publicBank);
        Digest honestHash = StateHasher.HashHidden(challenge.Window, honest, width), cheapHash = StateHasher.HashHidden(challenge.Window, cheap, width);

        Assert.That(challenge.Judge(honest, width, true, honestHash, committedSketch, own).Stands(0.1), Is.True);
        // Cheap states whose committed sketch was fitted to the honest one: open the cheap ones, or the honest ones.
        ChallengeAnswer cheapOpened = challenge.Judge(cheap, width, true, cheapHash, committedSketch, own);
        Assert.That(cheapOpened, Is.EqualTo(new ChallengeAnswer(true, false, cheapOpened.Distance)));
        Assert.That(cheapOpened.Distance!.Value.Window, Is.EqualTo(0.3).Within(0.01));
        Assert.That(challenge.Judge(honest, width, true, cheapHash, committedSketch, own).HashMatches, Is.False);
        Assert.That(challenge.Judge(cheap, width, true, cheapHash, SrpBank.Project(cheap, width, publicBank), own).Stands(0.1), Is.False, "honestly sketched, and far");
        Assert.That(challenge.Judge(honest.AsSpan(width), width, true, honestHash, committedSketch, own).Stands(0.1), Is.False, "a row missing");
        honest[5] = float.NaN;
        Assert.That(challenge.Judge(honest, width, true, honestHash, committedSketch, own).Stands(1e9), Is.False);
    }

    [Test]
    public void A_fitted_threshold_keeps_its_bound()
    {
        Assert.That(ThresholdCalibration.Fit([.. Enumerable.Range(0, 58).Select(i => (double)i)], 0.05, 0.95), Is.Null, "Wilks: 59 runs are needed for 95 % / 95 %");
        ThresholdCalibration least = ThresholdCalibration.Fit([.. Enumerable.Range(0, 59).Select(i => (double)i)], 0.05, 0.95)!;
        Assert.That((least.Threshold, least.Rank), Is.EqualTo((58.0, 59)));
        Assert.That(least.Confidence, Is.EqualTo(1 - Math.Pow(0.95, 59)).Within(1e-12));
        // 93 runs allow the second largest.
        Assert.That(ThresholdCalibration.Fit([.. Enumerable.Range(0, 93).Select(i => (double)i)], 0.05, 0.95)!.Rank, Is.EqualTo(92));

        // The promise itself: the share of fits whose true false-reject rate exceeds ε is at most 1 − confidence.
        var random = new Random(11);
        int broken = 0;
        const int fits = 2000;
        for (int i = 0; i < fits; i++)
        {
            ThresholdCalibration fit = ThresholdCalibration.Fit([.. Enumerable.Range(0, 300).Select(_ => random.NextDouble())], 0.02, 0.9)!;
            if (1 - fit.Threshold > 0.02) broken++;
        }
        Assert.That(broken / (double)fits, Is.LessThan(0.1 + (3 * Math.Sqrt(0.1 * 0.9 / fits))));
        Assert.Throws<ArgumentException>(() => ThresholdCalibration.Fit([double.NaN], 0.1, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdCalibration.Fit([1], 0, 0.5));
    }

    private static double Ks(TopKWindow committed, TopKWindow recomputed) => TopKDistance.Between(committed, recomputed).WorstPosition;

    private static TopKWindow Top(int[] ids, double p, double q) => TopKWindow.Create(2, ids, [(float)Math.Log(p), q == 0 ? -80 : (float)Math.Log(q)]);

    private static TopKWindow Random(Random random)
    {
        var logprobs = new List<float>();
        var ids = new List<int>();
        for (int r = 0; r < 4; r++)
        {
            double[] weights = [.. Enumerable.Range(0, 4).Select(_ => random.NextDouble())];
            logprobs.AddRange(weights.Take(3).OrderDescending().Select(w => (float)Math.Log(w / weights.Sum())));
            ids.AddRange(Enumerable.Range(0, 6).OrderBy(_ => random.Next()).Take(3));
        }
        return TopKWindow.Create(3, [.. ids], [.. logprobs]);
    }
}
