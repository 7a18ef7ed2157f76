using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Diffusion;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>A segment replaced in the middle of a reply.</summary>
/// <param name="Segment">Index of the segment.</param>
/// <param name="Position">Absolute position, or denoising step, at which its provider failed.</param>
/// <param name="Failed">Key id of the provider that failed.</param>
/// <param name="By">Key id of the provider that took over.</param>
/// <param name="Failure">How it failed.</param>
/// <param name="Reason">What happened.</param>
public sealed record SegmentReplacement(int Segment, int Position, Digest Failed, Digest By, SegmentFailure Failure, string Reason);

/// <summary>A finished reply of a cohort.</summary>
/// <param name="Reply">The reply with everything an auditor needs.</param>
/// <param name="Route">The cohort it started with.</param>
/// <param name="Replacements">Segments replaced on the way.</param>
public sealed record CohortResult(Reply Reply, Route Route, IReadOnlyList<SegmentReplacement> Replacements);

/// <summary>A finished trajectory of a cohort.</summary>
/// <param name="Reply">The trajectory with everything an auditor needs.</param>
/// <param name="Route">The cohort it started with.</param>
/// <param name="Replacements">Segments replaced on the way.</param>
public sealed record TrajectoryResult(TrajectoryReply Reply, Route Route, IReadOnlyList<SegmentReplacement> Replacements);

/// <summary>No cohort could finish a reply.</summary>
public sealed class CohortException(string message, Exception? inner = null) : IOException(message, inner);
