using Ogong.Commitments;

namespace Ogong.Audit;

/// <summary>
/// Lets a provider catch its own hardware faults: before signing, it runs a window again and compares with what it is about to commit to. A fault caught here costs a re-run, after signing it costs a Reject.
/// </summary>
public static class WindowSelfCheck
{
    /// <summary>
    /// Runs the task's layers again up to the end of one boundary window and compares its output. The figure fails when the window must not be signed: unequal hashes in the exact tier, in the
    /// tolerance tier a pooled distance above the calibrated threshold (or the outer bound, where none was fitted).
    /// </summary>
    /// <param name="reexecutor">Runs the layers; another device or another moment than the first run.</param>
    /// <param name="task">The task of the whole segment, not ending with the head.</param>
    /// <param name="committed">What is about to be signed.</param>
    /// <param name="window">Index of the window.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="ArgumentException">The task ends with the head, or there is no such window.</exception>
    public static async Task<AuditFigure> CheckBoundaryAsync(
        IReexecutor reexecutor, ReplayTask task, BoundaryCommitment committed, int window, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reexecutor);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(committed);
        if (task.EndLayer == reexecutor.Layers) throw new ArgumentException("The last segment is checked by its text windows.", nameof(task));
        int rows = (window * CommitmentWindow.Length) + CommitmentWindow.RowsOf(window, task.Rows);
        SegmentReplay replay = await reexecutor.ReplayAsync(Truncate(task, rows, reexecutor.Width), cancellationToken).ConfigureAwait(false);
        BoundaryCommitment output = replay.Output ?? throw new ArgumentException("The replay has no output.", nameof(reexecutor));
        return task.Profile.IsExact
            ? Equality(AuditCheck.BoundaryStates, "unequal output windows", committed.WindowHashes[window] == output.WindowHashes[window], window)
            : Distance(AuditCheck.BoundaryStates, HiddenDistance.Between(committed.Sketches[window], output.Sketches[window]), task, window);
    }

    /// <summary>As <see cref="CheckBoundaryAsync"/> for a text window of the last segment.</summary>
    public static async Task<AuditFigure> CheckTextAsync(
        IReexecutor reexecutor, ReplayTask task, TextWindowEvidence committed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reexecutor);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(committed);
        if (task.EndLayer != reexecutor.Layers) throw new ArgumentException("Only the last segment has text windows.", nameof(task));
        int window = committed.Leaf.Index;
        int tokens = (window * CommitmentWindow.Length) + CommitmentWindow.RowsOf(window, task.Tokens.Length);
        SegmentReplay replay = await reexecutor.ReplayAsync(Truncate(task, task.Prompt.Length + tokens - 1, reexecutor.Width), cancellationToken).ConfigureAwait(false);
        TextWindowEvidence repeated = replay.TextWindows[window];
        return task.Profile.IsExact
            ? Equality(AuditCheck.HiddenStates, "unequal text windows", committed.Leaf == repeated.Leaf, window)
            : Distance(AuditCheck.HiddenStates, HiddenDistance.Between(committed.Sketch!, repeated.Sketch!), task, window);
    }

    private static AuditFigure Equality(AuditCheck check, string name, bool equal, int window) => new(check, name, equal ? 0 : 1, 0, null, window);

    private static AuditFigure Distance(AuditCheck check, HiddenDistance distance, ReplayTask task, int window)
    {
        Records.ToleranceThresholds thresholds = task.Profile.Thresholds!;
        return new AuditFigure(check, "relative L2 distance pooled over one window", distance.Window, thresholds.CalibratedHiddenL2 ?? thresholds.HiddenL2, null, window);
    }

    // The first rows of a task: whole prompt positions first, then generated tokens. A task has at least one generated token, which is never fed.
    private static ReplayTask Truncate(ReplayTask task, int rows, int width)
    {
        int prompt = Math.Min(task.Prompt.Length, rows);
        return task with
        {
            Prompt = task.Prompt[..prompt],
            Tokens = task.Tokens[..(rows - prompt + 1)],
            InputStates = task.FirstLayer == 0 ? default : task.InputStates[..(rows * width)],
            Work = null,
            KeepOutput = false,
        };
    }
}
