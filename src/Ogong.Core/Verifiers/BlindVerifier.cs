using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Verifiers;

/// <summary>What a verifier answers.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="FirstWrongWindow">The first window whose claims are wrong; null accepts the task.</param>
/// <param name="Work">Proof of work: hash over the states of an inner layer.</param>
public sealed record BlindAnswer(Digest TaskId, int? FirstWrongWindow, Digest Work)
{
    /// <summary>Whether the verifier accepts.</summary>
    public bool Accepts => FirstWrongWindow is null;
}

/// <summary>Answers blind tasks honestly: computes the segment again and compares. Thread-safe if the re-executor is.</summary>
public sealed class BlindVerifier
{
    private readonly IReexecutor reexecutor;

    /// <summary>Verifies with one model.</summary>
    public BlindVerifier(IReexecutor reexecutor)
    {
        ArgumentNullException.ThrowIfNull(reexecutor);
        this.reexecutor = reexecutor;
    }

    /// <summary>Computes a task again.</summary>
    /// <exception cref="ArgumentException">The task is of another model.</exception>
    public async Task<BlindAnswer> VerifyAsync(BlindTask task, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.ModelRoot != reexecutor.ModelRoot) throw new ArgumentException("The task is of another model.", nameof(task));
        int inner = task.EndLayer - task.FirstLayer - 1;
        int layer = task.FirstLayer + (inner == 0 ? 0 : BeaconDraw.Below(task.Beacon, task.Id, "work-layer", inner));
        using var work = new WorkHasher(task.Beacon, layer);
        SegmentReplay replay = await reexecutor.ReplayAsync(
            new ReplayTask
            {
                FirstLayer = task.FirstLayer,
                EndLayer = task.EndLayer,
                Prompt = task.Prompt,
                Tokens = task.Tokens,
                InputStates = task.Inputs,
                Profile = task.Profile,
                Sketch = task.Profile.Sketch,
                Sampling = task.Sampling,
                Work = work,
            },
            cancellationToken).ConfigureAwait(false);
        return new BlindAnswer(task.Id, FirstWrong(task, replay), work.Finish());
    }

    private static int? FirstWrong(BlindTask task, SegmentReplay replay)
    {
        for (int i = 0; i < task.Claims.Count; i++)
            if (IsWrong(task, task.Claims[i], replay, i)) return task.Claims[i].Window;
        return null;
    }

    private static bool IsWrong(BlindTask task, BlindClaim claim, SegmentReplay replay, int i)
    {
        TextWindowEvidence? text = task.IsLast ? replay.TextWindows[i] : null;
        if (task.Profile.Thresholds is not { } thresholds)
            return text is null ? claim.StateHash != replay.Output!.WindowHashes[i] : claim.StateHash != text.Leaf.StateHash || claim.TopKHash != text.Leaf.TopKHash;
        HiddenDistance hidden = HiddenDistance.Between(claim.Sketch!, text?.Sketch ?? replay.Output!.Sketches[i]);
        if (hidden.WorstPosition > thresholds.HiddenL2 || hidden.Window > (thresholds.CalibratedHiddenL2 ?? thresholds.HiddenL2)) return true;
        if (text is null) return false;
        TopKDistance topK = TopKDistance.Between(claim.TopK!, text.TopK!);
        return topK.WorstPosition > thresholds.Ks || topK.Window > (thresholds.CalibratedKs ?? thresholds.Ks);
    }
}
