using NUnit.Framework;
using Ogong.Commitments;
using Ogong.Detection;

namespace Ogong.Tests.Detection;

/// <summary>What the detection study makes of its figures.</summary>
internal sealed class EvaluationTests
{
    private static readonly int Check = Figures.Of("srp-32-F16");

    [Test]
    public void Cheats_are_judged_on_every_window_and_honest_providers_on_those_a_threshold_was_not_fitted_to()
    {
        // Fourteen sequences: in even ones the figures are 1, in odd ones 2; the cheat's are 3.
        VariantFigures honest = Flat(Variants.Fast, VariantKind.Honest, 14, (s, _) => 1 + (s % 2)), cheat = Flat("cheat", VariantKind.Values, 14, (_, _) => 3);
        Evaluation evaluation = Of(honest, cheat);
        ThresholdCalibration fit = evaluation.Fit(Variants.Fast, Check)!;
        Assert.That((fit.Threshold, fit.Samples, fit.FalseRejectBound), Is.EqualTo((1, 49, 0.1)));
        Assert.That((evaluation.AboveFitted(honest, Check, 1).Detected, evaluation.AboveFitted(honest, Check, 1).Trials), Is.EqualTo((49, 49)));
        Assert.That((evaluation.AboveFitted(cheat, Check, 1).Detected, evaluation.AboveFitted(cheat, Check, 1).Trials), Is.EqualTo((98, 98)));
        Assert.That(evaluation.AboveFitted(cheat, Check, 1, Unit.Reply).Trials, Is.EqualTo(14));
        Pair pair = Pair.Of(evaluation).First(p => p.Check == "srp-32-F16");
        Assert.That((pair.Fitted.Threshold, pair.Fitted.Samples, pair.HeldOut.Detected, pair.Worst), Is.EqualTo((2, 98, 49, 2)));
    }

    [Test]
    public void Audits_see_windows_or_one_of_each_reply_or_its_mean()
    {
        VariantFigures provider = Flat("provider", VariantKind.Values, 4, (s, w) => (10 * s) + w);
        Assert.That(Evaluation.Halves(provider, Check, Unit.Window).Odd, Is.EqualTo(new double[] { 10, 11, 12, 13, 14, 15, 16, 30, 31, 32, 33, 34, 35, 36 }));
        Assert.That(Evaluation.Halves(provider, Check, Unit.OneOfReply), Is.EqualTo((new double[] { 0, 21 }, new double[] { 10, 31 })));
        Assert.That(Evaluation.Halves(provider, Check, Unit.Reply), Is.EqualTo((new double[] { 3, 23 }, new double[] { 13, 33 })));
    }

    [Test]
    public void Evidence_ejects_a_cheat_within_few_replies_and_an_honest_provider_never()
    {
        // The honest figure of a reply is its number modulo 100; the cheat's every second one is above all of them.
        VariantFigures honest = Flat(Variants.Fast, VariantKind.Honest, 400, (s, _) => s / 2 % 100), cheat = Flat("cheat", VariantKind.Values, 400, (s, _) => s % 2 == 0 ? 1000 : 0);
        Evaluation evaluation = Of(honest, cheat);
        Evidence lives = Evidence.Of(evaluation, Variants.Fast, "srp-32-F16", Unit.Reply, honest)!;
        Assert.That((lives.Ejected, lives.Lives, lives.Median), Is.EqualTo((0, 100, (int?)null)));
        Assert.That(lives.Failed, Is.LessThan(Evidence.FailureBound));
        Evidence caught = Evidence.Of(evaluation, Variants.Fast, "srp-32-F16", Unit.Reply, cheat)!;
        Assert.That((caught.Ejected, caught.Failed), Is.EqualTo((100, 0.5)));
        // ln 1000, and what the start costs, at ½·ln(0.5/0.05) + ½·ln(0.5/0.95) a reply.
        Assert.That(caught.Median, Is.InRange(7, 14));
        Assert.That(Evidence.Of(Of(Flat(Variants.Fast, VariantKind.Honest, 20, (_, _) => 1), cheat), Variants.Fast, "srp-32-F16", Unit.Reply, cheat), Is.Null, "20 replies bound nothing");
    }

    [Test]
    public void Least_squares_finds_the_coefficients_of_an_exact_relation()
    {
        var fit = new LeastSquares(3, 2);
        for (int i = 0; i < 20; i++)
        {
            double[] x = [Math.Sin(i), Math.Cos(3 * i), 1];
            fit.Add(x, [(2 * x[0]) - x[1] + 0.5, 4 * x[1]]);
        }
        Assert.That(fit.Solve(), Is.EqualTo(new[] { 2, 0, -1, 4, 0.5, 0 }).Within(1e-4));
    }

    private static Evaluation Of(params VariantFigures[] variants) => new(new ModelFigures("flat", variants, new Dictionary<string, string>()));

    private static VariantFigures Flat(string name, VariantKind kind, int sequences, Func<int, int, double> of) => new(
        new Variant(name, kind), [.. Enumerable.Range(0, sequences * Corpus.Windows).Select(i => Enumerable.Repeat(of(i / Corpus.Windows, i % Corpus.Windows), Figures.Checks.Count).ToArray())]);
}
