using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Diffusion;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>What a lead knows of one segment of a trajectory in progress. A row is a step.</summary>
internal sealed class DiffusionSegment(Digest orderHash, DiffusionOrder order, int width, int stateCount, int index, LayerRange layers, bool isLast, CohortProvider provider)
    : CohortSegment(index, layers, isLast, provider, (index == 0 ? order.Shape.Count : stateCount) * sizeof(float))
{
    private readonly List<HybridPublicKey> _signers = [];

    /// <summary>Who signed each of <see cref="CohortSegment.Statements"/>.</summary>
    public IReadOnlyList<HybridPublicKey> Signers => _signers;

    /// <summary>Steps before those that the provider itself ran: others signed them.</summary>
    public int Foreign => _signers.FindLastIndex(key => !key.KeyId.SequenceEqual(Provider.Transport.ProviderKey.KeyId)) + 1;

    public override void CheckStep(SegmentStep step, SegmentStepResult result)
    {
        int index = step.FirstPosition;
        if (result.Payload.Length != (long)(IsLast ? order.Shape.Count : stateCount) * sizeof(float)) throw Misbehaved("The output has another size than a step's.");
        ReadOnlySpan<float> output = StateBytes.Singles(result.Payload.Span);
        if (!StateBytes.AreFinite(output)) throw Misbehaved("The output is not finite.");
        if (result.Statements.Count != 1) throw Misbehaved($"It signed {result.Statements.Count} statements on one step.");
        ReadOnlySpan<float> input = StateBytes.Singles(step.Payload.Span);
        Digest consumed = Index == 0 ? TrajectoryHash.OfLatent(order.Shape, input) : TrajectoryHash.OfStates(index, input, width);
        Digest produced = IsLast ? TrajectoryHash.OfLatent(order.Shape, output) : TrajectoryHash.OfStates(index, output, width);
        CheckStatement(result.Statements[0], orderHash, index, 1, consumed, produced);
        Statements.Add(result.Statements[0]);
        _signers.Add(Provider.Transport.ProviderKey);
    }

    /// <summary>Forgets what was signed from a step on: it will be run again.</summary>
    public void Forget(int from)
    {
        int count = Math.Max(0, Statements.Count - from);
        Statements.RemoveRange(Statements.Count - count, count);
        _signers.RemoveRange(_signers.Count - count, count);
        Closing = null;
    }
}
