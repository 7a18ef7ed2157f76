using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Audit;

/// <summary>
/// Audits replies. First everything that signatures and hashes decide, then re-execution, segment by segment in order: the first segment whose inputs were right and whose outputs are wrong is at
/// fault; in the tolerance tier, where a distance can have come from anywhere before, the one whose own part of it is too large, or the lead. Within the last segment token choices come first, then hidden states, then log-probabilities. Thread-safe if the re-executor is.
/// </summary>
public sealed class Auditor
{
    private readonly IReexecutor reexecutor;

    /// <summary>Audits with one model.</summary>
    public Auditor(IReexecutor reexecutor)
    {
        ArgumentNullException.ThrowIfNull(reexecutor);
        this.reexecutor = reexecutor;
    }

    /// <summary>Makes only the checks that need no model; an Accept says that the papers are in order, not that the work was done.</summary>
    public static Verdict CheckPapers(Reply reply, IReplayGuard? replayGuard = null)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var trail = new AuditTrail(reply.Record.Message.Hash());
        new ReplyChecks(reply, trail).Run(replayGuard);
        return trail.ToVerdict();
    }

    /// <summary>Audits a whole reply: re-executes it from the token ids through every segment, until one is at fault.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="beacon">Randomness published after the record; draws the layers of the work proofs.</param>
    /// <param name="replayGuard">Remembers records; null where replays are looked for elsewhere.</param>
    /// <param name="cancellationToken">Stops the re-execution.</param>
    public Task<Verdict> AuditAsync(Reply reply, Digest beacon, IReplayGuard? replayGuard = null, CancellationToken cancellationToken = default) =>
        RunAsync(reply, null, beacon, replayGuard, cancellationToken);

    /// <summary>Audits one segment alone, from its committed and opened inputs (the token ids for the first segment).</summary>
    /// <exception cref="ArgumentException">There is no such segment, or the reply does not open its inputs (<see cref="ReplySegment.IsOpened"/>).</exception>
    /// <inheritdoc cref="AuditAsync"/>
    public Task<Verdict> AuditSegmentAsync(Reply reply, int segment, Digest beacon, IReplayGuard? replayGuard = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentOutOfRangeException.ThrowIfNegative(segment);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(segment, reply.Segments.Count);
        if (!reply.Segments[segment].IsOpened) throw new ArgumentException($"The reply does not open the inputs of segment {segment}.", nameof(reply));
        return RunAsync(reply, segment, beacon, replayGuard, cancellationToken);
    }

    private async Task<Verdict> RunAsync(Reply reply, int? only, Digest beacon, IReplayGuard? replayGuard, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ReplyRecord record = reply.Record.Message;
        var trail = new AuditTrail(record.Hash());
        if (!new ReplyChecks(reply, trail).Run(replayGuard) || !Model(reply, trail) || !WorkUnits(reply, trail)) return trail.ToVerdict();

        var segments = new SegmentAudit(reply, reexecutor, trail, beacon, cancellationToken);
        ReadOnlyMemory<float>? states = only > 0 ? segments.OpenedInput(only.Value) : default(ReadOnlyMemory<float>);
        for (int k = only ?? 0; states is { } input && k < (only + 1 ?? reply.Segments.Count); k++)
        {
            // In the exact tier states that passed have the committed hash; else they are the verifier's own.
            bool areCommitted = k == 0 || only is not null || record.Profile.IsExact;
            states = await segments.RunAsync(k, input, areCommitted, keepOutput: only is null && k < reply.Segments.Count - 1).ConfigureAwait(false);
        }
        return trail.ToVerdict();
    }

    // Nobody is accused for a model the verifier does not hold.
    private bool Model(Reply reply, AuditTrail trail)
    {
        SegmentAttestation first = reply.Segments[0].Attestation.Message;
        var lead = new Offender(OffenderRole.Lead, null, reply.Record.Message.ProviderKeyId);
        var last = PaperChecks.Provider(reply.Segments[^1].Attestation.Message);
        int prompt = reply.Prompt.Length;
        int foreign = FirstAtOrAbove(reply.Tokens.AsSpan(), reexecutor.VocabularySize);
        return trail.Require(reply.Record.Message.ModelRoot == reexecutor.ModelRoot, AuditCheck.Model, "the reply is of another model than the verifier's", null)
            && trail.Require(first.Layers == reexecutor.Layers && first.Width == reexecutor.Width, AuditCheck.Model, "the attestations state another shape than the model's", lead)
            && trail.Require(first.Rows <= reexecutor.MaxPositions, AuditCheck.Model, "the reply has more positions than the model", lead)
            && trail.Require(FirstAtOrAbove(reply.Prompt.AsSpan(), reexecutor.VocabularySize) < 0, AuditCheck.Model, "the prompt has a token outside the vocabulary", lead)
            && trail.Require(foreign < 0, AuditCheck.Tokens, "a token is outside the vocabulary", last, last.Segment, foreign < 0 ? null : foreign / CommitmentWindow.Length, foreign < 0 ? null : prompt + foreign);
    }

    private bool WorkUnits(Reply reply, AuditTrail trail) =>
        new PaperChecks(trail, reply.Record.Message.ProviderKeyId).WorkUnits(
            reply.Segments.Select(s => s.Attestation.Message), a => reexecutor.WorkUnits(a.FirstLayer, a.EndLayer, reply.Prompt.Length, reply.Tokens.Length));

    private static int FirstAtOrAbove(ReadOnlySpan<int> ids, int bound) => ids.IndexOfAnyExceptInRange(0, bound - 1);
}
