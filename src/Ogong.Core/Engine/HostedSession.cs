using System.Runtime.InteropServices;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>One order's run through the segment of a host. Input is checked against the upstream provider's statements before it is used, output is committed to as it comes.</summary>
internal sealed class HostedSession : ProviderSession
{
    private readonly SegmentHost _host;
    private readonly SegmentLane _lane;
    private readonly CachedSequence _sequence;
    private readonly Order _order;
    private readonly int _promptLength;
    private readonly int _width;
    private readonly BoundaryCommitter? _input;
    private readonly List<int> _tokens = [];
    private readonly BoundaryCommitter? _output;
    private readonly LastSegmentOutput? _last;
    private readonly LiveSelfCheck? _selfCheck;
    private float[] _states = [];
    private float[] _sketch = [];
    private int _position;

    public HostedSession(SegmentHost host, SegmentLane lane, CachedSequence sequence, TextOpening opening, HybridPublicKey? upstream)
        : base(host.Desk, lane.Turn, opening.Place, opening.Order.Message.Hash(), upstream)
    {
        (_host, _lane, _sequence, _promptLength) = (host, lane, sequence, opening.PromptLength);
        _order = opening.Order.Message;
        _width = host.Segment.Config.HiddenSize;
        _input = host.Segment.IsFirst ? null : new BoundaryCommitter(_width, SketchParameters.None);
        if (host.Segment.IsLast) _last = new LastSegmentOutput(lane, _order, opening.PromptLength);
        else _output = new BoundaryCommitter(_width, _order.Profile.Sketch);
        if (host.SelfCheck && _order.Profile.IsExact) _selfCheck = new LiveSelfCheck(lane, sequence, _last, opening.PromptLength);
    }

    protected override bool CanFinish => _position > 0 && (_last is null || _last.Stop is not null);

    protected override async ValueTask<SegmentStepResult> RunAsync(SegmentStep step, CancellationToken cancellationToken)
    {
        int firstWindow = _position / CommitmentWindow.Length;
        Consume(step);
        await InTurnAsync(() => ComputeAsync(step, cancellationToken), cancellationToken).ConfigureAwait(false);
        var statements = new List<Signed<BoundaryStatement>>();
        for (int window = firstWindow; window < _position / CommitmentWindow.Length; window++)
            statements.Add(SignWindow(window, CommitmentWindow.Length));
        bool hasToken = _last is not null && _position >= _promptLength;
        return new SegmentStepResult
        {
            Payload = _last is null ? StateBytes.LittleEndian(_states.AsSpan(0, step.Rows * _width)).ToArray() : default,
            Statements = statements,
            Token = hasToken ? _last!.Reply[^1] : null,
            Logprob = hasToken ? _last!.Logprob : 0,
            Stop = hasToken ? _last!.Stop : null,
        };
    }

    protected override async ValueTask<SegmentClosing> CloseAsync(SegmentFinish finish, CancellationToken cancellationToken)
    {
        int rest = _position % CommitmentWindow.Length;
        BoundaryCommitment input = _input?.Finish() ?? BoundaryCommitment.OfTokens(CollectionsMarshal.AsSpan(_tokens));
        BoundaryCommitment? output = _output?.Finish();
        Signed<BoundaryStatement>? statement = null;
        if (rest > 0)
        {
            int window = _position / CommitmentWindow.Length;
            CheckInput(finish.Upstream is null ? [] : [finish.Upstream], window, rest);
            await InTurnAsync(() => SelfCheckAsync(window, rest, cancellationToken), cancellationToken).ConfigureAwait(false);
            statement = SignWindow(window, rest);
        }
        int tokenCount = _position - _promptLength + 1;
        return new SegmentClosing
        {
            Attestation = Attest(
                _width, _position, input.Root, _last?.Finish() ?? output!.Root,
                ReplyWork.UnitsOf(_host.Segment.Config, _host.Segment.Layers, _promptLength, tokenCount), _last?.Stop, output?.SketchRoot ?? default),
            Statement = statement,
            Sketches = output?.Sketches ?? [],
            TextWindows = _last?.Windows ?? [],
        };
    }

    protected override void Release()
    {
        _input?.Dispose();
        _output?.Dispose();
        _last?.Dispose();
        _sequence.Dispose();
    }

    protected override string? Objection(SegmentStep step)
    {
        int rowBytes = _host.Segment.IsFirst ? sizeof(int) : _width * sizeof(float);
        // The last position ever fed holds the last token but one.
        int limit = _promptLength + _order.MaxTokens - 1;
        if (step.FirstPosition != _position || step.Rows < 1 || step.Rows > limit - _position || step.Payload.Length != (long)step.Rows * rowBytes)
            return $"Rows [{step.FirstPosition}, +{step.Rows}) do not follow position {_position} of at most {limit}.";
        return _last?.Stop is null ? null : "The reply is over.";
    }

    /// <summary>Commits to what came in and checks it against what the provider before signed, before anything is computed from it.</summary>
    private void Consume(SegmentStep step)
    {
        if (_input is null)
        {
            foreach (int token in StateBytes.Tokens(step.Payload.Span))
            {
                if ((uint)token >= (uint)_host.Segment.Config.VocabularySize) throw Desk.Refuse($"Token {token} is not in the vocabulary.");
                _tokens.Add(token);
            }
            return;
        }
        int first = _position / CommitmentWindow.Length;
        _input.Append(StateBytes.Singles(step.Payload.Span), []);
        for (int window = first; window < (_position + step.Rows) / CommitmentWindow.Length; window++)
            CheckInput(step.Upstream, window, CommitmentWindow.Length);
    }

    private void CheckInput(IReadOnlyList<Signed<BoundaryStatement>> statements, int window, int rows)
    {
        if (_input is not null) CheckUpstream(statements, Place.Segment - 1, window, rows, _input.WindowHashes[window]);
    }

    private async ValueTask ComputeAsync(SegmentStep step, CancellationToken cancellationToken)
    {
        StepExecutor executor = _lane.Executor;
        if (_states.Length < step.Rows * _width) (_states, _sketch) = (new float[step.Rows * _width], new float[step.Rows * _lane.SketchDirections]);
        for (int done = 0; done < step.Rows;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int rows = Math.Min(executor.Options.RowsPerStep, step.Rows - done);
            // Short of a window's end, so that a self-check never needs more than the rows of one window.
            if (_selfCheck is not null) rows = Math.Min(rows, CommitmentWindow.Length - (_position % CommitmentWindow.Length));
            // One row whose output is wanted and not known: alike from token to token, so a device can replay it.
            if (step.Rows == 1 && _position >= _promptLength - 1 && step.KnownTokens.IsEmpty) executor.Queue.BeginStep(shape: 1);
            executor.Begin();
            if (_input is null) executor.Append(_sequence, CollectionsMarshal.AsSpan(_tokens).Slice(_position, rows));
            else executor.Append(_sequence, StateBytes.Singles(step.Payload.Span).Slice(done * _width, rows * _width));
            executor.Forward();
            if (_last is null) await ProduceAsync(done, rows, cancellationToken).ConfigureAwait(false);
            else await _last.ProduceAsync(_position, rows, KnownFrom(step, done), cancellationToken).ConfigureAwait(false);
            Remember(step, done, rows);
            _position += rows;
            done += rows;
            if (_position % CommitmentWindow.Length == 0) await SelfCheckAsync((_position / CommitmentWindow.Length) - 1, CommitmentWindow.Length, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Remember(SegmentStep step, int done, int rows)
    {
        if (_selfCheck is null) return;
        int rowBytes = step.Payload.Length / step.Rows;
        ReadOnlySpan<float> output = _last is null ? _states.AsSpan(done * _width, rows * _width) : _last.LastStates;
        _selfCheck.Record(_position, rows, step.Payload.Span.Slice(done * rowBytes, rows * rowBytes), output);
    }

    /// <summary>Tokens known of the chunk that starts <paramref name="done"/> rows into the step: those whose rows are at the prompt's end or later.</summary>
    private ReadOnlyMemory<int> KnownFrom(SegmentStep step, int done)
    {
        int skipped = Math.Max(0, step.FirstPosition + done - (_promptLength - 1)) - Math.Max(0, step.FirstPosition - (_promptLength - 1));
        return skipped < step.KnownTokens.Length ? step.KnownTokens[skipped..] : default;
    }

    private async ValueTask ProduceAsync(int done, int rows, CancellationToken cancellationToken)
    {
        _lane.Executor.Queue.Read(_lane.Executor.Hidden, _states.AsMemory(done * _width, rows * _width));
        _lane.ReadSketch(_sketch.AsMemory(done * _lane.SketchDirections, rows * _lane.SketchDirections));
        _lane.Executor.Queue.EndStep();
        await _lane.Executor.Queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
        _output!.Append(_states.AsSpan(done * _width, rows * _width), _sketch.AsSpan(done * _lane.SketchDirections, rows * _lane.SketchDirections));
    }

    private async ValueTask SelfCheckAsync(int window, int rows, CancellationToken cancellationToken)
    {
        if (_selfCheck is null) return;
        if (!await _selfCheck.AgreesAsync(window, rows, cancellationToken).ConfigureAwait(false))
            throw Desk.Fail(SegmentFailure.Faulted, $"Computing window {window} a second time gave other bits: this machine is not sound.");
    }

    private Signed<BoundaryStatement> SignWindow(int window, int rows) => Sign(
        window,
        rows,
        _input?.WindowHashes[window] ?? CommitmentWindow.HashTokens(CollectionsMarshal.AsSpan(_tokens)[..((window * CommitmentWindow.Length) + rows)])[window],
        _output?.WindowHashes[window] ?? default,
        _output is not null && _lane.SketchDirections > 0 ? _output.CompletedSketches[window].Hash(window) : default);
}
