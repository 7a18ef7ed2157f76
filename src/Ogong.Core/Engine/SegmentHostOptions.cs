namespace Ogong.Engine;

/// <summary>How a provider serves a segment.</summary>
public sealed record SegmentHostOptions
{
    /// <summary>Sessions served at once; more are refused as busy.</summary>
    public int Capacity { get; init; } = 8;

    /// <summary>Most positions a sequence may take; null means the model's own limit, or 4096 if that is less.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Most rows in one step.</summary>
    public int RowsPerStep { get; init; } = 256;

    /// <summary>
    /// Whether each window is computed a second time, all its rows at once, and compared bit for bit before it is signed. A hardware fault then costs a refused session instead
    /// of a signature on a wrong result. Exact profile only; about as much work as a prompt of the reply's length.
    /// </summary>
    public bool SelfCheck { get; init; }
}
