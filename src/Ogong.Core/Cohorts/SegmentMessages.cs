using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Cohorts;

/// <summary>The next rows of one session: positions of a text reply, or one step of a trajectory.</summary>
public sealed record SegmentStep
{
    /// <summary>Absolute position of the first row, the one after the last step's; the index of a denoising step.</summary>
    public required int FirstPosition { get; init; }

    /// <summary>Rows, at least 1; exactly 1 for a denoising step.</summary>
    public required int Rows { get; init; }

    /// <summary>
    /// int32 token ids [rows] for the first segment, binary32 states [rows × width] for the others; little-endian. In a denoising step a latent for the first segment, states
    /// [branches × tokens × width] for the others.
    /// </summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The upstream provider's statements on the windows these rows complete. The first segment of a trajectory gets the last one's on the step before, from its second step on.</summary>
    public IReadOnlyList<Signed<BoundaryStatement>> Upstream { get; init; } = [];

    /// <summary>Public key of the provider that signed <see cref="Upstream"/>, if it is another one than the session was told last; empty otherwise.</summary>
    public ReadOnlyMemory<byte> UpstreamKey { get; init; }

    /// <summary>
    /// For the last segment, when it takes over from one that failed: the generated tokens already handed out at these positions, which it must arrive at too. The token of
    /// position p of the prompt's end or later is the one chosen from that row.
    /// </summary>
    public ReadOnlyMemory<int> KnownTokens { get; init; }
}

/// <summary>What came of a step.</summary>
public sealed record SegmentStepResult
{
    /// <summary>
    /// binary32 states [rows × width], little-endian; empty from the last segment of a text reply, the next latent from that of a trajectory. Valid until the next call on the session.
    /// </summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Statements on the windows these rows completed.</summary>
    public IReadOnlyList<Signed<BoundaryStatement>> Statements { get; init; } = [];

    /// <summary>From the last segment, once the prompt is read: the token chosen from the last row.</summary>
    public int? Token { get; init; }

    /// <summary>Log-probability of <see cref="Token"/>.</summary>
    public float Logprob { get; init; }

    /// <summary>Why the reply ends with <see cref="Token"/>, if it does.</summary>
    public StopReason? Stop { get; init; }
}

/// <summary>Tells a provider that the reply is over.</summary>
public sealed record SegmentFinish
{
    /// <summary>The upstream provider's statement on the last window, if it is short.</summary>
    public Signed<BoundaryStatement>? Upstream { get; init; }

    /// <summary>Public key of the upstream provider, if another one took its place since the last call; empty otherwise.</summary>
    public ReadOnlyMemory<byte> UpstreamKey { get; init; }
}

/// <summary>What a provider hands over when the reply is over.</summary>
public sealed record SegmentClosing
{
    /// <summary>What it signs about the whole.</summary>
    public required Signed<SegmentAttestation> Attestation { get; init; }

    /// <summary>Statement on a short last window; null if the last window was full.</summary>
    public Signed<BoundaryStatement>? Statement { get; init; }

    /// <summary>Sketches of every output window, in the tolerance tier, not from the last segment.</summary>
    public IReadOnlyList<SketchWindow> Sketches { get; init; } = [];

    /// <summary>From the last segment: the text windows.</summary>
    public IReadOnlyList<TextWindowEvidence> TextWindows { get; init; } = [];
}
