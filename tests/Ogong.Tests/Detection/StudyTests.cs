using NUnit.Framework;
using Ogong.Commitments;
using Ogong.Detection;
using Ogong.Models;

namespace Ogong.Tests.Detection;

/// <summary>The detection study at a size for tests.</summary>
internal sealed class StudyTests
{
    [Test]
    public async Task Few_windows_show_what_many_do_and_are_the_same_for_any_number_of_workers()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m")), sibling = ModelDirectory.Open(Repository.Vector("models", "kjv-0.1m"));
        ModelFigures one = await Study.RunAsync("kjv-0.9m", model, sibling, sequences: 2, workers: 1, TextWriter.Null);
        ModelFigures two = await Study.RunAsync("kjv-0.9m", model, sibling, sequences: 2, workers: 2, TextWriter.Null);
        Assert.That(Report.Json([new Evaluation(one)], []), Is.EqualTo(Report.Json([new Evaluation(two)], [])));
        Assert.That(one.DecodeMismatches, Is.Zero);

        int exact = Figures.Of("exact"), tokens = Figures.Of("tokens"), sketch = Figures.Of("srp-32-F16-worst"), states = Figures.Of("states");
        foreach (VariantFigures v in one.Variants)
        {
            Assert.That(v.Windows, Has.Length.EqualTo(v.Variant.Name == "one token edited" ? 2 : 14), v.Variant.Name);
            Assert.That(v.Of(exact), Is.All.EqualTo(v.Variant.Kind == VariantKind.Tokens ? 0 : 1), v.Variant.Name);
            if (v.Variant.Kind == VariantKind.Honest) Assert.That(v.Of(sketch), Is.All.LessThan(0.1), v.Variant.Name);
        }
        Assert.That(one.Of("another order of summation").Of(states), Is.All.InRange(1e-8, 1e-5));
        Assert.That(one.Of(Variants.Fast).Of(states), Is.All.InRange(1e-3, 1e-2));
        Assert.That(one.Of(Variants.BFloat16).Of(states).Average(), Is.GreaterThan(one.Of(Variants.Fast).Of(states).Average()));
        Assert.That(one.Of("FP8 E4M3 weights").Of(states).Average(), Is.GreaterThan(one.Of("Q8_0 weights").Of(states).Average()));
        Assert.That(one.Of("one layer skipped").Of(sketch), Is.All.GreaterThan(0.1));
        Assert.That(one.Of("smaller sibling").Of(Figures.Of("toploc")), Is.All.GreaterThan(1));
        Assert.That(one.Of("one token edited").Of(tokens), Is.All.GreaterThan(0.5));
        Assert.That(one.Of("other seed").Of(tokens), Is.All.GreaterThan(0.5));
    }

    [Test]
    public void Total_variation_counts_ids_of_either_list_and_what_is_left()
    {
        TopKWindow committed = List([3, 5], 0.5, 0.25), recomputed = List([3, 7], 0.75, 0.125);
        // |0.5 − 0.75| + |0 − 0.125| + |0.25 − 0| + |0.25 − 0.125|, halved.
        Assert.That(TotalVariation.Between(committed, recomputed).Worst, Is.EqualTo(0.375).Within(1e-6));
        Assert.That(TotalVariation.Between(committed, committed).Window, Is.Zero);

        static TopKWindow List(int[] ids, double first, double second) => TopKWindow.Create(2, ids, [(float)Math.Log(first), (float)Math.Log(second)]);
    }

    [Test]
    public void Cheats_are_judged_on_every_window_and_honest_providers_on_those_a_threshold_was_not_fitted_to()
    {
        // Fourteen sequences: in even ones the figures are 1, in odd ones 2; the cheat's are 3.
        VariantFigures honest = Flat(Variants.Fast, VariantKind.Honest, sequence => 1 + (sequence % 2)), cheat = Flat("cheat", VariantKind.Values, _ => 3);
        var evaluation = new Evaluation(new ModelFigures("flat", 14, 0, [honest, cheat]));
        int check = Figures.Of("srp-32-F16");
        ThresholdCalibration fit = evaluation.Fit(Variants.Fast, check)!;
        Assert.That((fit.Threshold, fit.Samples, fit.FalseRejectBound), Is.EqualTo((1, 49, 0.1)));
        Assert.That((evaluation.AboveFitted(honest, check, 1).Detected, evaluation.AboveFitted(honest, check, 1).Trials), Is.EqualTo((49, 49)));
        Assert.That((evaluation.AboveFitted(cheat, check, 1).Detected, evaluation.AboveFitted(cheat, check, 1).Trials), Is.EqualTo((98, 98)));
        Assert.That(evaluation.AboveFitted(cheat, check, 1, replies: true).Trials, Is.EqualTo(14));

        static VariantFigures Flat(string name, VariantKind kind, Func<int, double> of) => new(
            new Variant(name, kind), [.. Enumerable.Range(0, 14 * Corpus.Windows).Select(w => Enumerable.Repeat(of(w / Corpus.Windows), Figures.Checks.Count).ToArray())]);
    }
}
