using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Tests.Engine;

/// <summary>A provider of one range of a denoiser that signs whatever its script makes of each step: what it runs it on, what it claims to have consumed, what it puts out.</summary>
internal sealed class ScriptedProvider(HybridKey signer, Digest modelRoot, LayerRange layers, Func<int, DenoiserSegment> weights) : ISegmentTransport
{
    public HybridPublicKey ProviderKey => signer.PublicKey;

    /// <summary>Changes what it claims to have consumed in a step.</summary>
    public Func<int, Digest, Digest> Claims { get; init; } = (_, consumed) => consumed;

    /// <summary>Changes what it puts out in a step.</summary>
    public Func<int, float[], float[]> PutsOut { get; init; } = (_, output) => output;

    private HybridKey Signer => signer;

    private Digest ModelRoot => modelRoot;

    private LayerRange Layers => layers;

    public ValueTask<ISegmentSession> OpenAsync(SegmentOpening opening, TimeSpan deadline, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<ISegmentSession>(new Session(this, (DiffusionOpening)opening));

    private DenoiserSegment WeightsOf(int step) => weights(step);

    private sealed class Session(ScriptedProvider provider, DiffusionOpening opening) : ISegmentSession
    {
        private readonly DiffusionOrder _order = opening.Order.Message;
        private readonly List<Digest> _inputs = [], _outputs = [];
        private float[]? _latent;

        public async ValueTask<SegmentStepResult> StepAsync(SegmentStep step, TimeSpan deadline, CancellationToken cancellationToken = default)
        {
            int index = step.FirstPosition;
            DenoiserSegment segment = provider.WeightsOf(index);
            DenoiserConfig config = segment.Config;
            bool isFirst = provider.Layers.First == 0, isLast = provider.Layers.End == config.Layers;
            float[] input = StateBytes.Singles(step.Payload.Span).ToArray();
            _latent ??= _order.CreateInitialLatent();
            using var replayer = new StepReplayer([segment], provider.ModelRoot);
            StepReplay replay = await replayer.ReplayAsync(
                new StepReplayTask
                {
                    Order = _order,
                    Conditioning = opening.Conditioning,
                    Step = index,
                    Latent = isFirst ? input : _latent,
                    FirstLayer = provider.Layers.First,
                    EndLayer = provider.Layers.End,
                    InputStates = isFirst ? default : input,
                    StatesAfter = isLast ? [] : [provider.Layers.End - 1],
                },
                cancellationToken);
            float[] output = provider.PutsOut(index, (isLast ? replay.Latent : replay.States[0]).ToArray());
            if (isLast) _latent = output;
            _inputs.Add(provider.Claims(index, isFirst ? TrajectoryHash.OfLatent(config.Shape, input) : TrajectoryHash.OfStates(index, input, config.Width)));
            _outputs.Add(isLast ? TrajectoryHash.OfLatent(config.Shape, output) : TrajectoryHash.OfStates(index, output, config.Width));
            return new SegmentStepResult { Payload = StateBytes.LittleEndian(output).ToArray(), Statements = [Sign(index)] };
        }

        public ValueTask<SegmentClosing> FinishAsync(SegmentFinish finish, TimeSpan deadline, CancellationToken cancellationToken = default)
        {
            DenoiserConfig config = provider.WeightsOf(0).Config;
            bool isLast = provider.Layers.End == config.Layers;
            var attestation = new SegmentAttestation
            {
                OrderHash = _order.Hash(),
                ModelRoot = provider.ModelRoot,
                Segment = opening.Place.Segment,
                Segments = opening.Place.Segments,
                FirstLayer = provider.Layers.First,
                EndLayer = provider.Layers.End,
                Layers = config.Layers,
                Width = config.Width,
                Rows = _order.Steps,
                InputRoot = BoundaryCommitment.RootOf(_inputs),
                OutputRoot = BoundaryCommitment.RootOf(_outputs),
                SketchRoot = default,
                WorkUnits = DenoiserWork.UnitsOf(config, provider.Layers, _order),
                StopReason = isLast ? StopReason.AllSteps : null,
                ProviderKeyId = new Digest(provider.Signer.PublicKey.KeyId),
            };
            return ValueTask.FromResult(new SegmentClosing { Attestation = attestation.Sign(provider.Signer) });
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Signed<BoundaryStatement> Sign(int step) => new BoundaryStatement
        {
            OrderHash = _order.Hash(),
            Segment = opening.Place.Segment,
            Attempt = opening.Place.Attempt,
            Window = step,
            Rows = 1,
            InputHash = _inputs[step],
            OutputHash = _outputs[step],
            SketchHash = default,
            ProviderKeyId = new Digest(provider.Signer.PublicKey.KeyId),
        }.Sign(provider.Signer);
    }
}
