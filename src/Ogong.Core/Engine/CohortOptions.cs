using Ogong.Bytes;

namespace Ogong.Engine;

/// <summary>How a lead drives a cohort.</summary>
public sealed record CohortOptions
{
    /// <summary>Longest a provider may take to open a session or to sign off.</summary>
    public TimeSpan OpenDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest a provider may take for one step, a chunk of the prompt included.</summary>
    public TimeSpan StepDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most positions of the prompt, or of a cache being rebuilt, sent at once; denoising steps go one at a time.</summary>
    public int RowsPerStep { get; init; } = 256;

    /// <summary>Most replacements in one reply.</summary>
    public int MaxReplacements { get; init; } = 8;

    /// <summary>Most milliseconds the segments of a step may take together; null for no cap.</summary>
    public int? LatencyCapMilliseconds { get; init; }

    /// <summary>Providers that must not take part.</summary>
    public IReadOnlySet<Digest> Excluded { get; init; } = new HashSet<Digest>();

    /// <summary>Whether the reply carries the states at every boundary, so that each segment can be audited alone from the reply.</summary>
    public bool OpenBoundaries { get; init; } = true;
}
