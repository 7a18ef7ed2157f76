using Ogong.Audit;
using Ogong.Cli.Local;
using Ogong.Diffusion;

namespace Ogong.Cli.Demo;

/// <summary>How often audits caught a trajectory with some steps skipped, beside what the draw promises.</summary>
/// <param name="Wrong">Transitions skipped, none of them the last.</param>
/// <param name="Plan">The audit.</param>
/// <param name="Measured">What was counted.</param>
internal sealed record DetectionRow(int Wrong, TrajectoryDetection Plan, DetectionMeasurement Measured)
{
    private const double Confidence = 0.99;

    /// <summary>f, the share of wrong transitions.</summary>
    public double Share => Wrong / (double)Plan.Committed.Transitions;

    /// <summary>Skips one step, a tenth and nearly half of them, and audits each trajectory <paramref name="audits"/> times with one and with four drawn steps, each time by fresh randomness.</summary>
    public static async Task<IReadOnlyList<DetectionRow>> MeasureAsync(DiffusionMarket market, int audits, CancellationToken cancellationToken)
    {
        int steps = market.Request.Schedule.Steps;
        List<DetectionRow> rows = [];
        foreach (int wrong in (int[])[1, (steps + 9) / 10, (steps / 2) - 1])
        {
            IReadOnlyList<ReadOnlyMemory<float>> latents = await new DiffusionCheats(market).SkipAsync(DiffusionCheats.Skipped(steps, wrong), cancellationToken);
            TrajectoryReply reply = market.Sign(market.Order(), latents);
            var auditor = new TrajectoryAuditor(new CachedReplayer(market.Replayer));
            foreach (int drawn in (int[])[1, 4])
            {
                int detected = 0;
                for (int audit = 0; audit < audits; audit++)
                {
                    Verdict verdict = await auditor.AuditAsync(reply, LocalConsumer.FreshDigest(), drawn, cancellationToken: cancellationToken);
                    if (verdict.Outcome == AuditOutcome.Reject) detected++;
                }
                rows.Add(new DetectionRow(wrong, new TrajectoryDetection(CommittedSteps.Of(reply.Order.Message), drawn), DetectionMeasurement.Of(detected, audits, Confidence)));
            }
        }
        return rows;
    }
}
