using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Tests.Engine;

/// <summary>
/// A cheat in the place of the last segment: hands out tokens prepared beforehand, however they were come by, and at the end commits to them with one honest-looking prefill of whatever
/// model it holds. Everything it signs is consistent, so nothing but replaying the choices can tell.
/// </summary>
internal sealed class ScriptedLastSegment(HybridKey signer, Reexecutor prefill, Digest modelRoot, ModelConfig pretended, int[] tokens, StopReason stop) : ISegmentTransport
{
    public HybridPublicKey ProviderKey => signer.PublicKey;

    public ValueTask<ISegmentSession> OpenAsync(SegmentOpening opening, TimeSpan deadline, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<ISegmentSession>(new Session(this, (TextOpening)opening));

    private HybridKey Signer => signer;

    private Reexecutor Prefill => prefill;

    private Digest ModelRoot => modelRoot;

    /// <summary>The model it pretends to run.</summary>
    private ModelConfig Pretended => pretended;

    private int[] Tokens => tokens;

    private StopReason Stop => stop;

    private sealed class Session(ScriptedLastSegment cheat, TextOpening opening) : ISegmentSession
    {
        private readonly List<byte> _input = [];
        private readonly List<Digest> _inputHashes = [];
        private readonly int _width = cheat.Prefill.Width;
        private int _rows;

        public ValueTask<SegmentStepResult> StepAsync(SegmentStep step, TimeSpan deadline, CancellationToken cancellationToken)
        {
            _input.AddRange(step.Payload.ToArray());
            int first = _rows / CommitmentWindow.Length;
            _rows += step.Rows;
            var statements = new List<Signed<BoundaryStatement>>();
            for (int w = first; w < _rows / CommitmentWindow.Length; w++) statements.Add(Sign(w, CommitmentWindow.Length));
            int index = _rows - opening.PromptLength;
            return ValueTask.FromResult(new SegmentStepResult
            {
                Statements = statements,
                Token = index < 0 ? null : cheat.Tokens[index],
                Stop = index == cheat.Tokens.Length - 1 ? cheat.Stop : null,
            });
        }

        public async ValueTask<SegmentClosing> FinishAsync(SegmentFinish finish, TimeSpan deadline, CancellationToken cancellationToken)
        {
            int rest = _rows % CommitmentWindow.Length;
            Signed<BoundaryStatement>? statement = rest == 0 ? null : Sign(_rows / CommitmentWindow.Length, rest);
            SegmentReplay replay = await cheat.Prefill.ReplayAsync(
                new ReplayTask
                {
                    FirstLayer = opening.Place.FirstLayer,
                    EndLayer = cheat.Prefill.Layers,
                    Prompt = opening.Place.FirstLayer == 0 ? [.. StateBytes.Tokens(_input.ToArray())[..opening.PromptLength]] : [.. new int[opening.PromptLength]],
                    Tokens = [.. cheat.Tokens],
                    InputStates = opening.Place.FirstLayer == 0 ? default : StateBytes.Singles(_input.ToArray()).ToArray(),
                    Profile = opening.Order.Message.Profile,
                    Sketch = opening.Order.Message.Profile.Sketch,
                    Sampling = opening.Order.Message.Sampling,
                },
                cancellationToken);
            var attestation = new SegmentAttestation
            {
                OrderHash = opening.Order.Message.Hash(),
                ModelRoot = cheat.ModelRoot,
                Segment = opening.Place.Segment,
                Segments = opening.Place.Segments,
                FirstLayer = opening.Place.FirstLayer,
                EndLayer = opening.Place.EndLayer,
                Layers = cheat.Pretended.Layers,
                Width = cheat.Pretended.HiddenSize,
                Rows = _rows,
                InputRoot = BoundaryCommitment.RootOf(_inputHashes),
                OutputRoot = TextCommitter.RootOf(replay.TextWindows.Select(w => w.Leaf)),
                SketchRoot = default,
                WorkUnits = ReplyWork.UnitsOf(cheat.Pretended, new LayerRange(opening.Place.FirstLayer, opening.Place.EndLayer), opening.PromptLength, cheat.Tokens.Length),
                StopReason = cheat.Stop,
                ProviderKeyId = new Digest(cheat.Signer.PublicKey.KeyId),
            };
            return new SegmentClosing { Attestation = attestation.Sign(cheat.Signer), Statement = statement, TextWindows = replay.TextWindows };
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Signed<BoundaryStatement> Sign(int window, int rows)
        {
            byte[] bytes = [.. _input];
            Digest hash = opening.Place.FirstLayer == 0
                ? CommitmentWindow.HashTokens(StateBytes.Tokens(bytes)[..((window * CommitmentWindow.Length) + rows)])[window]
                : StateHasher.HashBoundary(window, StateBytes.Singles(bytes).Slice(window * CommitmentWindow.Length * _width, rows * _width), _width);
            _inputHashes.Add(hash);
            return new BoundaryStatement
            {
                OrderHash = opening.Order.Message.Hash(),
                Segment = opening.Place.Segment,
                Attempt = opening.Place.Attempt,
                Window = window,
                Rows = rows,
                InputHash = hash,
                OutputHash = default,
                SketchHash = default,
                ProviderKeyId = new Digest(cheat.Signer.PublicKey.KeyId),
            }.Sign(cheat.Signer);
        }
    }
}
