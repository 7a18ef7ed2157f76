using Ogong.Commitments;
using Ogong.Records;
using Measured = (Ogong.Audit.AuditFigure Figure, string WhyRejected);

namespace Ogong.Audit;

/// <summary>Compares what a segment committed to with what re-execution gives. In the exact tier hashes must be equal; in the tolerance tier the distances of the evidence decide.</summary>
internal sealed class SegmentComparison(Reply reply)
{
    private readonly ProfileParameters profile = reply.Record.Message.Profile;

    /// <summary>The figures of a segment in the order they are judged, each measured when it is asked for: the same ones at the same places whatever the replay.</summary>
    /// <exception cref="ArgumentException">The re-executor did not give what its task asked for.</exception>
    public IEnumerable<Measured> Figures(ReplySegment segment, SegmentReplay replay) =>
        segment.Attestation.Message.IsLast ? Text(segment.Attestation.Message, replay) : Boundary(segment, replay);

    private IEnumerable<Measured> Boundary(ReplySegment segment, SegmentReplay replay)
    {
        int k = segment.Attestation.Message.Segment, windows = segment.Windows.Count;
        BoundaryCommitment output = replay.Output ?? throw new ArgumentException("The replay has no output.", nameof(replay));
        if (output.WindowHashes.Count != windows || (!profile.IsExact && output.Sketches.Count != windows))
            throw new ArgumentException("The replay has another number of windows.", nameof(replay));
        return profile.IsExact
            ? [Equal(AuditCheck.BoundaryStates, "unequal output windows", windows, w => segment.Windows[w].OutputHash == output.WindowHashes[w], k, 0)]
            : Hidden(AuditCheck.BoundaryStates, windows, w => HiddenDistance.Between(segment.Windows[w].Sketch!, output.Sketches[w]), k, 0);
    }

    private IEnumerable<Measured> Text(SegmentAttestation a, SegmentReplay replay)
    {
        IReadOnlyList<TextWindowEvidence> committed = reply.TextWindows, recomputed = replay.TextWindows;
        if (recomputed.Count != committed.Count || replay.Margins.Count != reply.Tokens.Length)
            throw new ArgumentException("The replay has another number of windows or margins.", nameof(replay));
        int k = a.Segment, firstRow = reply.Prompt.Length - 1; // Generated token i is chosen from the state at absolute position P − 1 + i.
        yield return Tokens(replay.Margins, k);
        if (profile.IsExact)
        {
            yield return Equal(AuditCheck.HiddenStates, "unequal hidden-state windows", committed.Count, w => committed[w].Leaf.StateHash == recomputed[w].Leaf.StateHash, k, firstRow);
            yield return Equal(AuditCheck.TopK, "unequal top-k windows", committed.Count, w => committed[w].Leaf.TopKHash == recomputed[w].Leaf.TopKHash, k, firstRow);
            yield break;
        }
        foreach (Measured figure in Hidden(AuditCheck.HiddenStates, committed.Count, w => HiddenDistance.Between(committed[w].Sketch!, recomputed[w].Sketch!), k, firstRow)) yield return figure;
        foreach (Measured figure in TopK(committed, recomputed, k, firstRow)) yield return figure;
    }

    private Measured Tokens(IReadOnlyList<float> margins, int segment)
    {
        int at = 0;
        for (int i = 0; i < margins.Count; i++)
        {
            if (!(margins[i] >= 0)) throw new ArgumentException("A margin is negative or not a number.", nameof(margins));
            // In the exact tier the first token off the rule says more than the farthest: what follows it follows from it.
            if (margins[i] > margins[at] && !(profile.IsExact && margins[at] > 0)) at = i;
        }
        int position = reply.Prompt.Length + at;
        return (
            new AuditFigure(
                AuditCheck.Tokens, "Gumbel-score margin of a token to the one the rule chooses", Math.Min(margins[at], float.MaxValue),
                profile.Thresholds?.GumbelMargin ?? 0, segment, at / CommitmentWindow.Length, position),
            $"Tokens: the token at position {position} is not the one the sampling rule chooses.");
    }

    private static Measured Equal(AuditCheck check, string name, int windows, Func<int, bool> equal, int segment, int firstRow)
    {
        int unequal = 0, first = -1;
        for (int w = 0; w < windows; w++)
        {
            if (equal(w)) continue;
            unequal++;
            if (first < 0) first = w;
        }
        var figure = new AuditFigure(check, name, unequal, 0, segment, first < 0 ? null : first, first < 0 ? null : firstRow + (first * CommitmentWindow.Length));
        return (figure, $"{check}: {unequal} of {windows} windows are not what segment {segment}'s layers compute from its inputs.");
    }

    private IEnumerable<Measured> Hidden(AuditCheck check, int windows, Func<int, HiddenDistance> between, int segment, int firstRow)
    {
        ToleranceThresholds thresholds = profile.Thresholds!;
        HiddenDistance[] distances = [.. Enumerable.Range(0, windows).Select(between)];
        int position = IndexOfMax(distances, d => d.WorstPosition), window = IndexOfMax(distances, d => d.Window);
        yield return Far(check, "relative L2 distance at one position", distances[position].WorstPosition, thresholds.HiddenL2, segment, position, firstRow, distances[position].WorstRow);
        yield return Far(check, "relative L2 distance pooled over one window", distances[window].Window, thresholds.CalibratedHiddenL2 ?? thresholds.HiddenL2, segment, window, firstRow, null);
    }

    private IEnumerable<Measured> TopK(IReadOnlyList<TextWindowEvidence> committed, IReadOnlyList<TextWindowEvidence> recomputed, int segment, int firstRow)
    {
        ToleranceThresholds thresholds = profile.Thresholds!;
        TopKDistance[] distances = [.. committed.Zip(recomputed, (c, r) => TopKDistance.Between(c.TopK!, r.TopK!))];
        int position = IndexOfMax(distances, d => d.WorstPosition), window = IndexOfMax(distances, d => d.Window);
        yield return Far(AuditCheck.TopK, "KS distance at one position", distances[position].WorstPosition, thresholds.Ks, segment, position, firstRow, distances[position].WorstRow);
        yield return Far(AuditCheck.TopK, "mean KS distance over one window", distances[window].Window, thresholds.CalibratedKs ?? thresholds.Ks, segment, window, firstRow, null);
    }

    private static Measured Far(AuditCheck check, string name, double value, double threshold, int segment, int window, int firstRow, int? row)
    {
        int? position = row is { } r ? firstRow + (window * CommitmentWindow.Length) + r : null;
        return (new AuditFigure(check, name, value, threshold, segment, window, position), $"{check}: the {name} is {value:G4} in window {window}, more than {threshold:G4}.");
    }

    private static int IndexOfMax<T>(T[] items, Func<T, double> figure)
    {
        int at = 0;
        for (int i = 1; i < items.Length; i++)
            if (figure(items[i]) > figure(items[at])) at = i;
        return at;
    }
}
