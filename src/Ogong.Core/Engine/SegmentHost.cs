using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// A provider: serves one segment of one model to any number of leads, and signs what it did. Whatever transport reaches it calls <see cref="Open"/> and the session it returns.
/// </summary>
/// <remarks>Thread-safe. Owns its caches and buffers, not the segment nor the signer.</remarks>
public sealed class SegmentHost : ISegmentHost, IDisposable
{
    private const int MaxLanes = 4;
    private readonly Dictionary<(NumericMode, ElementType, int, Commitments.SketchParameters), SegmentLane> _lanes = [];
    private readonly SegmentHostOptions _options;

    /// <summary>Prepares to serve <paramref name="segment"/> of the model named <paramref name="modelRoot"/>.</summary>
    public SegmentHost(Segment segment, Digest modelRoot, ISigner signer, SegmentHostOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(signer);
        (Segment, _options) = (segment, options ?? new SegmentHostOptions());
        Desk = new HostDesk(signer, modelRoot, segment.Layers, segment.Config.Layers, _options.Capacity);
    }

    /// <summary>What it serves.</summary>
    public Segment Segment { get; }

    /// <summary>Root of the model.</summary>
    public Digest ModelRoot => Desk.ModelRoot;

    /// <inheritdoc/>
    public HybridPublicKey PublicKey => Desk.Signer.PublicKey;

    /// <inheritdoc/>
    public Digest KeyId => Desk.KeyId;

    internal HostDesk Desk { get; }

    internal bool SelfCheck => _options.SelfCheck;

    /// <inheritdoc/>
    public ISegmentSession Open(SegmentOpening opening)
    {
        ArgumentNullException.ThrowIfNull(opening);
        if (opening is not TextOpening text) throw Desk.Refuse("This provider serves a text model.");
        Order order = text.Order.Message;
        HybridPublicKey? upstream = Desk.Check(text, text.Order, order.ModelRoot, isRing: false);
        if (text.PromptLength is < 1 or > Protocol.MaxTokens) throw Desk.Refuse($"A prompt has 1 to {Protocol.MaxTokens} tokens.");
        if (order.Profile.TopK > Segment.Config.VocabularySize) throw Desk.Refuse("The top-k digest is larger than the vocabulary.");
        return Desk.Seat(() =>
        {
            SegmentLane lane = LaneOf(order.Profile);
            int positions = checked(text.PromptLength + order.MaxTokens);
            if (positions > lane.Executor.ContextLength)
                throw Desk.Refuse($"{positions} positions do not fit a context of {lane.Executor.ContextLength}.");
            if (!lane.Executor.Pages.TryReserve(positions, out CachedSequence? sequence))
                throw Desk.Fail(SegmentFailure.Busy, "The KV cache is full.");
            return new HostedSession(this, lane, sequence, text, upstream);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => Desk.Close(() =>
    {
        foreach (SegmentLane lane in _lanes.Values) lane.Dispose();
        _lanes.Clear();
    });

    private SegmentLane LaneOf(ProfileParameters profile)
    {
        var key = (profile.IsExact ? NumericMode.Exact : NumericMode.Fast, (ElementType)profile.KvFormat, profile.TopK, profile.Sketch);
        if (_lanes.TryGetValue(key, out SegmentLane? lane)) return lane;
        // Each lane has a cache of its own, so a stranger's orders must not be able to open any number of them.
        if (_lanes.Count == MaxLanes) throw Desk.Fail(SegmentFailure.Busy, $"{MaxLanes} numeric profiles are being served already.");
        lane = new SegmentLane(Segment, profile, _options);
        _lanes.Add(key, lane);
        return lane;
    }
}
