using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Audit;

/// <summary>Compares what a segment committed to with what re-execution gives. In the exact tier hashes must be equal; in the tolerance tier the distances of the evidence decide.</summary>
internal sealed class SegmentComparison(Reply reply, AuditTrail trail)
{
    private readonly ProfileParameters profile = reply.Record.Message.Profile;

    /// <summary>Returns false once the trail has rejected.</summary>
    /// <exception cref="ArgumentException">The re-executor did not give what its task asked for.</exception>
    public bool Compare(ReplySegment segment, SegmentReplay replay)
    {
        SegmentAttestation a = segment.Attestation.Message;
        return a.IsLast ? Text(a, replay) : Boundary(segment, replay);
    }

    private bool Boundary(ReplySegment segment, SegmentReplay replay)
    {
        SegmentAttestation a = segment.Attestation.Message;
        BoundaryCommitment output = replay.Output ?? throw new ArgumentException("The replay has no output.", nameof(replay));
        int windows = segment.Windows.Count;
        if (output.WindowHashes.Count != windows || (!profile.IsExact && output.Sketches.Count != windows))
            throw new ArgumentException("The replay has another number of windows.", nameof(replay));
        Offender offender = PaperChecks.Provider(a);
        return profile.IsExact
            ? Equal(AuditCheck.BoundaryStates, "unequal output windows", windows, w => segment.Windows[w].OutputHash == output.WindowHashes[w], offender, 0)
            : Hidden(AuditCheck.BoundaryStates, windows, w => HiddenDistance.Between(segment.Windows[w].Sketch!, output.Sketches[w]), offender, 0);
    }

    private bool Text(SegmentAttestation a, SegmentReplay replay)
    {
        IReadOnlyList<TextWindowEvidence> committed = reply.TextWindows, recomputed = replay.TextWindows;
        if (recomputed.Count != committed.Count || replay.Margins.Count != reply.Tokens.Length)
            throw new ArgumentException("The replay has another number of windows or margins.", nameof(replay));
        Offender offender = PaperChecks.Provider(a);
        int firstRow = reply.Prompt.Length - 1; // Generated token i is chosen from the state at absolute position P − 1 + i.
        if (!Tokens(replay.Margins, offender)) return false;
        return profile.IsExact
            ? Equal(AuditCheck.HiddenStates, "unequal hidden-state windows", committed.Count, w => committed[w].Leaf.StateHash == recomputed[w].Leaf.StateHash, offender, firstRow)
                && Equal(AuditCheck.TopK, "unequal top-k windows", committed.Count, w => committed[w].Leaf.TopKHash == recomputed[w].Leaf.TopKHash, offender, firstRow)
            : Hidden(AuditCheck.HiddenStates, committed.Count, w => HiddenDistance.Between(committed[w].Sketch!, recomputed[w].Sketch!), offender, firstRow)
                && TopK(committed, recomputed, offender, firstRow);
    }

    private bool Tokens(IReadOnlyList<float> margins, Offender offender)
    {
        int at = 0;
        for (int i = 0; i < margins.Count; i++)
        {
            if (!(margins[i] >= 0)) throw new ArgumentException("A margin is negative or not a number.", nameof(margins));
            // In the exact tier the first token off the rule says more than the farthest: what follows it follows from it.
            if (margins[i] > margins[at] && !(profile.IsExact && margins[at] > 0)) at = i;
        }
        int position = reply.Prompt.Length + at;
        return trail.Measure(
            new AuditFigure(
                AuditCheck.Tokens, "Gumbel-score margin of a token to the one the rule chooses", Math.Min(margins[at], float.MaxValue),
                profile.Thresholds?.GumbelMargin ?? 0, offender.Segment, at / CommitmentWindow.Length, position),
            offender,
            $"Tokens: the token at position {position} is not the one the sampling rule chooses.");
    }

    private bool Equal(AuditCheck check, string name, int windows, Func<int, bool> equal, Offender offender, int firstRow)
    {
        int unequal = 0, first = -1;
        for (int w = 0; w < windows; w++)
        {
            if (equal(w)) continue;
            unequal++;
            if (first < 0) first = w;
        }
        var figure = new AuditFigure(check, name, unequal, 0, offender.Segment, first < 0 ? null : first, first < 0 ? null : firstRow + (first * CommitmentWindow.Length));
        return trail.Measure(figure, offender, $"{check}: {unequal} of {windows} windows are not what segment {offender.Segment}'s layers compute from its inputs.");
    }

    private bool Hidden(AuditCheck check, int windows, Func<int, HiddenDistance> between, Offender offender, int firstRow)
    {
        ToleranceThresholds thresholds = profile.Thresholds!;
        HiddenDistance[] distances = [.. Enumerable.Range(0, windows).Select(between)];
        int position = IndexOfMax(distances, d => d.WorstPosition), window = IndexOfMax(distances, d => d.Window);
        return Far(check, "relative L2 distance at one position", distances[position].WorstPosition, thresholds.HiddenL2, offender, position, firstRow, distances[position].WorstRow)
            && Far(check, "relative L2 distance pooled over one window", distances[window].Window, thresholds.CalibratedHiddenL2 ?? thresholds.HiddenL2, offender, window, firstRow, null);
    }

    private bool TopK(IReadOnlyList<TextWindowEvidence> committed, IReadOnlyList<TextWindowEvidence> recomputed, Offender offender, int firstRow)
    {
        ToleranceThresholds thresholds = profile.Thresholds!;
        TopKDistance[] distances = [.. committed.Zip(recomputed, (c, r) => TopKDistance.Between(c.TopK!, r.TopK!))];
        int position = IndexOfMax(distances, d => d.WorstPosition), window = IndexOfMax(distances, d => d.Window);
        return Far(AuditCheck.TopK, "KS distance at one position", distances[position].WorstPosition, thresholds.Ks, offender, position, firstRow, distances[position].WorstRow)
            && Far(AuditCheck.TopK, "mean KS distance over one window", distances[window].Window, thresholds.CalibratedKs ?? thresholds.Ks, offender, window, firstRow, null);
    }

    private bool Far(AuditCheck check, string name, double value, double threshold, Offender offender, int window, int firstRow, int? row)
    {
        int? position = row is { } r ? firstRow + (window * CommitmentWindow.Length) + r : null;
        return trail.Measure(
            new AuditFigure(check, name, value, threshold, offender.Segment, window, position),
            offender,
            $"{check}: the {name} is {value:G4} in window {window}, more than {threshold:G4}.");
    }

    private static int IndexOfMax<T>(T[] items, Func<T, double> figure)
    {
        int at = 0;
        for (int i = 1; i < items.Length; i++)
            if (figure(items[i]) > figure(items[at])) at = i;
        return at;
    }
}
