using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>What one provider did in one segment of a trajectory: what a fee is shared out by.</summary>
/// <param name="Provider">Key id of the provider.</param>
/// <param name="Segment">The segment.</param>
/// <param name="Steps">Steps it ran.</param>
/// <param name="WorkUnits">Work units of its layers for these steps.</param>
/// <param name="IsAttested">Whether it finished and attested to the segment; one that failed on the way forfeits its part.</param>
public sealed record SegmentWork(Digest Provider, int Segment, int Steps, ulong WorkUnits, bool IsAttested)
{
    /// <summary>
    /// Everybody's work, by segment and in the order they ran: providers that failed first, then the one that attests. The attestation bills the steps that are its own, so a step's units are its work
    /// units over their number; an audit has checked both.
    /// </summary>
    public static IReadOnlyList<SegmentWork> Of(TrajectoryReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return [.. reply.Segments.SelectMany(Of)];
    }

    private static IEnumerable<SegmentWork> Of(TrajectorySegment segment)
    {
        SegmentAttestation a = segment.Attestation.Message;
        int own = segment.Steps.Count(s => s.ProviderKey.IsEmpty);
        ulong perStep = a.WorkUnits / (ulong)Math.Max(1, own);
        foreach (IGrouping<Digest, StepBoundary> failed in segment.Steps.Where(s => !s.ProviderKey.IsEmpty).GroupBy(s => s.Statement!.Message.ProviderKeyId))
            yield return new SegmentWork(failed.Key, a.Segment, failed.Count(), perStep * (ulong)failed.Count(), IsAttested: false);
        yield return new SegmentWork(a.ProviderKeyId, a.Segment, own, a.WorkUnits, IsAttested: true);
    }
}
