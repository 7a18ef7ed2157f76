using System.Runtime.InteropServices;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// One trajectory's run through the segment of a host. A row is a step: latents go into the first segment, states [branches × tokens × width] between segments, and the last one, which keeps the latent
/// it advances, puts out the next.
/// </summary>
internal sealed class DenoiserSession : ProviderSession
{
    private readonly DenoiserHost _host;
    private readonly DenoiserLane _lane;
    private readonly DiffusionOrder _order;
    private readonly Conditioning _conditioning;
    private readonly Schedule _schedule;
    private readonly List<Digest> _inputs, _outputs;
    private readonly int _foreign;
    private float[] _latent;

    public DenoiserSession(DenoiserHost host, DenoiserLane lane, DiffusionOpening opening, Schedule schedule, HybridPublicKey upstream, EarlierSteps earlier)
        : base(host.Desk, lane.Turn, opening.Place, opening.Order.Message.Hash(), upstream)
    {
        (_host, _lane, _order, _conditioning, _schedule) = (host, lane, opening.Order.Message, opening.Conditioning, schedule);
        (_inputs, _outputs, _foreign, _latent) = ([.. earlier.Inputs], [.. earlier.Outputs], earlier.Foreign, earlier.Latent);
    }

    protected override bool CanFinish => Step == _order.Steps;

    private DenoiserSegment Segment => _host.Segment;

    private DenoiserConfig Config => Segment.Config;

    private int Step => _outputs.Count;

    protected override string? Objection(SegmentStep step)
    {
        if (step.FirstPosition != Step || step.Rows != 1 || Step == _order.Steps) return $"Step {step.FirstPosition} does not follow {Step} steps of {_order.Steps}.";
        int count = Segment.IsFirst ? Config.Shape.Count : _order.Branches * Config.Tokens * Config.Width;
        return step.Payload.Length == (long)count * sizeof(float) ? null : $"The input of a step has {count} values.";
    }

    protected override async ValueTask<SegmentStepResult> RunAsync(SegmentStep step, CancellationToken cancellationToken)
    {
        float[] input = StateBytes.Singles(step.Payload.Span).ToArray();
        Digest consumed = Consume(step, input);
        float[] output = [];
        await InTurnAsync(async () => output = await ComputeAsync(input, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        Digest produced = Segment.IsLast ? TrajectoryHash.OfLatent(Config.Shape, output) : TrajectoryHash.OfStates(Step, output, Config.Width);
        Signed<BoundaryStatement> statement = Sign(Step, 1, consumed, produced);
        if (Segment.IsLast) _latent = output;
        _inputs.Add(consumed);
        _outputs.Add(produced);
        return new SegmentStepResult { Payload = StateBytes.LittleEndian(output).ToArray(), Statements = [statement] };
    }

    protected override ValueTask<SegmentClosing> CloseAsync(SegmentFinish finish, CancellationToken cancellationToken) => ValueTask.FromResult(new SegmentClosing
    {
        Attestation = Attest(
            Config.Width, Step, BoundaryCommitment.RootOf(_inputs), BoundaryCommitment.RootOf(_outputs),
            DenoiserWork.UnitsOf(Config, Segment.Layers, _order, Step - _foreign), Segment.IsLast ? StopReason.AllSteps : null),
    });

    protected override void Release()
    {
    }

    /// <summary>Checks what came in against what the provider before signed, and x_0 against the order's seed, before anything is computed from it.</summary>
    private Digest Consume(SegmentStep step, float[] input)
    {
        Digest consumed = Segment.IsFirst ? TrajectoryHash.OfLatent(Config.Shape, input) : TrajectoryHash.OfStates(Step, input, Config.Width);
        if (!Segment.IsFirst) CheckUpstream(step.Upstream, Place.Segment - 1, Step, 1, consumed);
        else if (Step > 0) CheckUpstream(step.Upstream, Place.Segments - 1, Step - 1, 1, consumed);
        else
        {
            float[] initial = _order.CreateInitialLatent(_schedule);
            if (!MemoryMarshal.AsBytes<float>(initial).SequenceEqual(MemoryMarshal.AsBytes<float>(input))) throw Desk.Refuse("The trajectory does not start from the noise of the order's seed.");
        }
        if (!StateBytes.AreFinite(input)) throw Desk.Refuse($"What the upstream provider signed for step {Step} is not finite.");
        return consumed;
    }

    private async ValueTask<float[]> ComputeAsync(float[] input, CancellationToken cancellationToken)
    {
        if (!_host.SelfCheck || !_order.Profile.IsExact) return await OnceAsync(input, cancellationToken).ConfigureAwait(false);
        return await RepeatedStep.RunAsync(() => OnceAsync(input, cancellationToken)).ConfigureAwait(false)
            ?? throw Desk.Fail(SegmentFailure.Faulted, $"Computing step {Step} a second time gave other bits: this machine is not sound.");
    }

    private async ValueTask<float[]> OnceAsync(float[] input, CancellationToken cancellationToken)
    {
        var task = new StepReplayTask
        {
            Order = _order,
            Conditioning = _conditioning,
            Step = Step,
            Latent = Segment.IsFirst ? input : _latent,
            FirstLayer = Segment.Layers.First,
            EndLayer = Segment.Layers.End,
            InputStates = Segment.IsFirst ? default : input,
            StatesAfter = Segment.IsLast ? [] : [Segment.Layers.End - 1],
        };
        StepReplay result = await StepTask.RunAsync(_lane.Executor, task, _schedule, cancellationToken).ConfigureAwait(false);
        return (Segment.IsLast ? result.Latent : result.States[0]).ToArray();
    }
}
