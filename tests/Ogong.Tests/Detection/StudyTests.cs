using NUnit.Framework;
using Ogong.Commitments;
using Ogong.Detection;
using Ogong.Models;

namespace Ogong.Tests.Detection;

/// <summary>The detection study at a size for tests, on the processor alone.</summary>
internal sealed class StudyTests
{
    [Test]
    public async Task Few_windows_show_what_many_do_for_any_number_of_workers_and_interruptions()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m")), sibling = ModelDirectory.Open(Repository.Vector("models", "kjv-0.1m"));
        string folder = Directory.CreateTempSubdirectory("ogong-study").FullName;
        try
        {
            ModelFigures once = await RunAsync(null, workers: 2, 4);
            await RunAsync(folder, workers: 1, 2);
            string[] files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
            Assert.That(files, Has.Length.EqualTo(once.Variants.Count));
            File.AppendAllText(files[0], "a run that was stopped while it wrote");
            ModelFigures resumed = await RunAsync(folder, workers: 2, 4);
            Assert.That(JsonOf(resumed), Is.EqualTo(JsonOf(once)));
            Check(once);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        async Task<ModelFigures> RunAsync(string? state, int workers, int sequences)
        {
            var study = new Study("kjv-0.9m", model, sibling, new FigureStore(state), workers, TextWriter.Null);
            await study.RunAsync(sequences, static v => v.Device is null);
            return study.Collect();
        }

        static string JsonOf(ModelFigures figures) => Report.Json([new Evaluation(figures)], [], [], []);
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
    public void Figures_of_tokens_are_the_largest_margin_the_share_off_the_rule_and_the_mean()
    {
        double[] figures = Figures.OfTokens([0, 0.5f, 0, 1.5f]);
        Assert.That(new[] { "tokens", "tokens-off", "tokens-mean", "exact" }.Select(c => figures[Figures.Of(c)]), Is.EqualTo(new[] { 1.5, 0.5, 0.5, 0 }));
    }

    private static void Check(ModelFigures figures)
    {
        int exact = Figures.Of("exact"), tokens = Figures.Of("tokens"), sketch = Figures.Of("srp-32-F16-worst"), states = Figures.Of("states");
        foreach (VariantFigures v in figures.Variants)
        {
            Assert.That(v.Windows, Has.Length.EqualTo(v.Variant.LastWindowOnly ? 4 : 28), v.Variant.Name);
            if (v.Variant is { Kind: not VariantKind.Tokens, Against: Against.ExactReading }) Assert.That(v.Of(exact), Is.All.EqualTo(1), v.Variant.Name);
            if (v.Variant.Kind == VariantKind.Honest) Assert.That(v.Of(sketch), Is.All.LessThan(0.1), v.Variant.Name);
        }
        // Decoding and reading are one arithmetic on a processor, in either tier.
        Assert.That(figures.Of(Variants.Exact).Of(exact), Is.All.Zero);
        Assert.That(figures.Of("fast mode, decoded against read").Of(exact), Is.All.Zero);
        Assert.That(figures.Of("another order of summation").Of(states), Is.All.InRange(1e-8, 1e-5));
        Assert.That(figures.Of(Variants.Fast).Of(states), Is.All.InRange(1e-3, 1e-2));
        Assert.That(Mean(Variants.BFloat16), Is.GreaterThan(Mean(Variants.Fast)));
        Assert.That(new[] { "Q8_0 weights", "Q6_K weights", "Q4_K weights", "Q4_0 weights", "one layer skipped" }.Select(Mean), Is.Ordered);
        Assert.That(figures.Of("one layer skipped").Of(sketch), Is.All.GreaterThan(0.1));
        Assert.That(figures.Of("smaller sibling").Of(Figures.Of("toploc")), Is.All.GreaterThan(1));
        // The head is after the states: only lists see it.
        Assert.That(figures.Of("head of Q4_0 alone").Of(states), Is.All.Zero);
        Assert.That(figures.Of("head of Q4_0 alone").Of(Figures.Of("ks-8")), Is.All.GreaterThan(1e-3));
        Assert.That(figures.Of("one token edited").Of(tokens), Is.All.GreaterThan(0.5));
        Assert.That(figures.Of("other seed").Of(tokens), Is.All.GreaterThan(0.5));
        Assert.That(figures.Of("text chosen by the smaller sibling").Of(tokens), Is.All.GreaterThan(0.5));
        Assert.That(figures.Of("early stop").Of(Figures.Of("stop")), Is.All.EqualTo(1));

        double Mean(string provider) => figures.Of(provider).Of(states).Average();
    }
}
