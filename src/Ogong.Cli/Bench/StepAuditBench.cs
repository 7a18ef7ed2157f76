using System.Diagnostics;
using System.Globalization;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cli.Diffusion;
using Ogong.Cli.Local;
using Ogong.Cohorts;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cli.Bench;

/// <summary>What auditing a few steps costs beside making the whole trajectory, commitments and signatures included in both. Exact mode, no guidance.</summary>
internal sealed class StepAuditBench : IDisposable
{
    private const int Drawn = 4;
    private readonly DenoiserSegment _segment;
    private readonly Digest _root = LocalConsumer.FreshDigest(); // stands for the synthetic model's
    private readonly LocalProvider _provider;
    private readonly HybridKey _leadKey = HybridKey.Generate();
    private readonly LocalConsumer _consumer = new();
    private readonly MemoryRetentionStore _retention = new(1 << 30);
    private readonly StepReplayer _replayer;
    private readonly DenoiserLead _lead;

    public StepAuditBench(DenoiserSegment segment)
    {
        _segment = segment;
        _provider = LocalProvider.Serve("all", segment, _root);
        _replayer = new StepReplayer([segment], _root);
        _lead = new DenoiserLead(segment.Config, _root, [_provider.Cohort], _leadKey, _retention);
    }

    /// <summary>Makes a trajectory of <paramref name="steps"/> steps and audits it, the last step alone and with four drawn ones, medians of three.</summary>
    public async Task<IReadOnlyList<BenchFigure>> RhoAsync(int steps, CancellationToken cancellationToken)
    {
        Conditioning conditioning = Conditioning.OfLabel(1);
        Signed<DiffusionOrder> order = _consumer.Order(_segment.Config, _root, conditioning, new DiffusionRequest(ScheduleParameters.FlowMatchEuler(steps), Seed: 1, Guidance: 1));
        long start = Stopwatch.GetTimestamp();
        TrajectoryReply reply = (await _lead.RunAsync(order, _consumer.PublicKey, conditioning, cancellationToken: cancellationToken)).Reply;
        double generate = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _retention.Release(order.Message.Hash());
        Digest beacon = LocalConsumer.FreshDigest();
        int replayed = TrajectoryAuditor.Draw(reply, beacon, Drawn).Length;
        // The replayer is ready and warm, as a verifier's is.
        double[] audits = Interleaved.Medians(3, () => Audit(reply, beacon, 0), () => Audit(reply, beacon, Drawn));
        return
        [
            new($"steps_{steps}_generation_per_step_ms", $"N = {steps}: committed generation, ms per step", generate / steps * 1e3, "F2"),
            new($"steps_{steps}_rho_last", $"N = {steps}: audit of one step / generation", audits[0] / generate, "F4", Share(1, steps)),
            new($"steps_{steps}_rho_drawn_{Drawn}", $"N = {steps}: audit of {Drawn} drawn steps and the last / generation", audits[1] / generate, "F4", Share(replayed, steps)),
        ];
    }

    public void Dispose()
    {
        _replayer.Dispose();
        _provider.Dispose();
        _leadKey.Dispose();
        _consumer.Dispose();
        _retention.Dispose();
    }

    private static string Share(int replayed, int steps) => string.Create(CultureInfo.InvariantCulture, $"{replayed}/{steps} = {replayed / (double)steps:F4}");

    private double Audit(TrajectoryReply reply, Digest beacon, int count)
    {
        long start = Stopwatch.GetTimestamp();
        Verdict verdict = new TrajectoryAuditor(_replayer).AuditAsync(reply, beacon, count).GetAwaiter().GetResult();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return verdict.Outcome == AuditOutcome.Accept ? seconds : throw new InvalidOperationException($"The audit disagrees: {verdict.Explanation}");
    }
}
