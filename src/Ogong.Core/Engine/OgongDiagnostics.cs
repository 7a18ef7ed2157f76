using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ogong.Engine;

/// <summary>
/// What the engine reports through <see cref="System.Diagnostics"/>: a meter and an activity source, both named <see cref="Name"/>. Nothing leaves the process unless a listener takes it.
/// </summary>
public static class OgongDiagnostics
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Ogong";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("ogong.tokens.generated", "{token}", "Tokens generated.");
    private static readonly Counter<long> Rows = Meter.CreateCounter<long>("ogong.rows", "{row}", "Rows run through a segment: positions of text, prompts included, or tokens of latents.");
    private static readonly Histogram<double> StepDuration = Meter.CreateHistogram<double>("ogong.step.duration", "s", "Duration of one step of a segment or a model.");
    private static readonly Counter<long> Replacements = Meter.CreateCounter<long>("ogong.segments.replaced", "{segment}", "Segments replaced in the middle of a reply.");

    /// <summary>Activities: <c>ogong.reply</c> (a cohort's reply), <c>ogong.diffusion</c> (a batch of trajectories), <c>ogong.segment.replace</c>, <c>ogong.audit</c>.</summary>
    internal static ActivitySource Activities { get; } = new(Name);

    internal static void TokensGenerated(int count) => Tokens.Add(count);

    internal static void StepRan(TimeSpan duration, int rows)
    {
        StepDuration.Record(duration.TotalSeconds);
        Rows.Add(rows);
    }

    internal static void SegmentReplaced() => Replacements.Add(1);
}
