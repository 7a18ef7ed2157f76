using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Audit;

/// <summary>Replays segments of one text reply and compares them with what was committed.</summary>
internal sealed class SegmentAudit(Reply reply, IReexecutor reexecutor, AuditTrail trail, Digest beacon, CancellationToken cancellationToken)
{
    private readonly ReplyRecord record = reply.Record.Message;
    private readonly Digest recordHash = reply.Record.Message.Hash();
    private readonly SegmentComparison comparison = new(reply);
    private readonly ToleranceOffender offenders = new(reply.Segments.Count, new Offender(OffenderRole.Lead, null, reply.Record.Message.ProviderKeyId));
    private List<AuditFigure> before = []; // Of the boundary that the segment reads, by the verifier's own states.

    /// <summary>Replays a segment. Null once the trail has rejected, else its output states if they are kept.</summary>
    /// <param name="k">The segment.</param>
    /// <param name="states">Its input states; none for the first.</param>
    /// <param name="areCommitted">Whether these are what the segment committed to, to the bit; else they are what the verifier computed.</param>
    /// <param name="keepOutput">Whether the output states are wanted.</param>
    public async ValueTask<ReadOnlyMemory<float>?> RunAsync(int k, ReadOnlyMemory<float> states, bool areCommitted, bool keepOutput)
    {
        SegmentAttestation segment = reply.Segments[k].Attestation.Message;
        int layer = WorkHasher.DrawLayer(segment, beacon, recordHash);
        using var work = new WorkHasher(beacon, layer);
        if (await FiniteAsync(k, states, areCommitted, work, keepOutput).ConfigureAwait(false) is not { } replay) return null;
        trail.Prove(new WorkProof(k, layer, work.Finish()));
        List<AuditFigure> figures = [];
        foreach ((AuditFigure figure, string whyRejected) in comparison.Figures(reply.Segments[k], replay))
        {
            Offender? offender = figure.Fails ? await OffenderAsync(k, figure.Threshold, areCommitted, () => OwnAsync(k, figures.Count, figure)).ConfigureAwait(false) : null;
            if (!trail.Measure(figure, offender, whyRejected)) return null;
            figures.Add(figure);
        }
        before = figures;
        return replay.OutputStates;
    }

    /// <summary>The opened input of a segment that opens all of it.</summary>
    public ReadOnlyMemory<float> OpenedInput(int k)
    {
        SegmentAttestation a = reply.Segments[k].Attestation.Message;
        var states = new float[(long)a.Rows * a.Width];
        int at = 0;
        foreach (BoundaryWindow window in reply.Segments[k].Windows)
        {
            window.OpenedInput.Span.CopyTo(states.AsSpan(at));
            at += window.OpenedInput.Length;
        }
        return states;
    }

    private async ValueTask<SegmentReplay?> FiniteAsync(int k, ReadOnlyMemory<float> states, bool areCommitted, WorkHasher work, bool keepOutput)
    {
        SegmentReplay? replay = null;
        try
        {
            replay = await ReplayAsync(reply.Segments[k].Attestation.Message, states, work, keepOutput).ConfigureAwait(false);
        }
        catch (ArithmeticException)
        {
            // No provider can have computed it either: a value that is not finite is never a result.
        }
        Offender? offender = replay is null ? await OffenderAsync(k, 0, areCommitted, () => AloneAsync(k, -1)).ConfigureAwait(false) : null;
        return trail.Require(replay is not null, AuditCheck.Finite, "recomputation from right inputs is not finite", offender, k) ? replay : null;
    }

    private ValueTask<SegmentReplay> ReplayAsync(SegmentAttestation segment, ReadOnlyMemory<float> states, WorkHasher? work, bool keepOutput) => reexecutor.ReplayAsync(
        new ReplayTask
        {
            FirstLayer = segment.FirstLayer,
            EndLayer = segment.EndLayer,
            Prompt = reply.Prompt,
            Tokens = reply.Tokens,
            InputStates = states,
            Profile = record.Profile,
            Sketch = record.Profile.Sketch,
            Sampling = record.Sampling,
            Work = work,
            KeepOutput = keepOutput,
        },
        cancellationToken);

    private async ValueTask<Offender?> OffenderAsync(int k, double threshold, bool areCommitted, Func<ValueTask<double?>> own)
    {
        Offender provider = PaperChecks.Provider(reply.Segments[k].Attestation.Message);
        return areCommitted ? provider : await offenders.OfAsync(provider, threshold, own).ConfigureAwait(false);
    }

    /// <summary>A failed figure of the segment alone. Where its input is not opened, sketches tell by how much more than its input its output is off; of tokens and log-probabilities they tell nothing.</summary>
    private ValueTask<double?> OwnAsync(int k, int index, AuditFigure figure)
    {
        if (reply.Segments[k].IsOpened) return AloneAsync(k, index);
        AuditFigure? input = before.Find(f => f.Name == figure.Name);
        return ValueTask.FromResult(figure.Value - input?.Value);
    }

    /// <summary>A figure of a replay from the opened input; 0 for no figure, null where the input is not opened.</summary>
    private async ValueTask<double?> AloneAsync(int k, int index)
    {
        if (!reply.Segments[k].IsOpened) return null;
        SegmentReplay replay = await ReplayAsync(reply.Segments[k].Attestation.Message, OpenedInput(k), work: null, keepOutput: false).ConfigureAwait(false);
        return index < 0 ? 0 : comparison.Figures(reply.Segments[k], replay).ElementAt(index).Figure.Value;
    }
}
