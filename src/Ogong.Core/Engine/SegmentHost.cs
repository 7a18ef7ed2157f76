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
public sealed class SegmentHost : IDisposable
{
    private const int MaxLanes = 4;
    private readonly Lock _gate = new();
    private readonly Dictionary<(NumericMode, ElementType, int, Commitments.SketchParameters), SegmentLane> _lanes = [];
    private readonly SegmentHostOptions _options;
    private int _sessions;
    private bool _disposed;

    /// <summary>Prepares to serve <paramref name="segment"/> of the model named <paramref name="modelRoot"/>.</summary>
    public SegmentHost(Segment segment, Digest modelRoot, ISigner signer, SegmentHostOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(signer);
        (Segment, ModelRoot, Signer, _options) = (segment, modelRoot, signer, options ?? new SegmentHostOptions());
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.Capacity, nameof(options));
        KeyId = new Digest(signer.PublicKey.KeyId);
    }

    /// <summary>What it serves.</summary>
    public Segment Segment { get; }

    /// <summary>Root of the model.</summary>
    public Digest ModelRoot { get; }

    /// <summary>Id of its key.</summary>
    public Digest KeyId { get; }

    internal ISigner Signer { get; }

    internal bool SelfCheck => _options.SelfCheck;

    /// <summary>Agrees to run an order, or says why not.</summary>
    /// <exception cref="SegmentException">The order is not signed, not for this model or these layers, too long, or there is no room.</exception>
    public ISegmentSession Open(SegmentOpening opening)
    {
        ArgumentNullException.ThrowIfNull(opening);
        HybridPublicKey? upstream = Check(opening);
        Order order = opening.Order.Message;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_sessions == _options.Capacity) throw Fail(SegmentFailure.Busy, $"All {_sessions} sessions are taken.");
            SegmentLane lane = LaneOf(order.Profile);
            int positions = checked(opening.PromptLength + order.MaxTokens);
            if (positions > lane.Executor.ContextLength)
                throw Fail(SegmentFailure.Refused, $"{positions} positions do not fit a context of {lane.Executor.ContextLength}.");
            if (!lane.Executor.Pages.TryReserve(positions, out CachedSequence? sequence))
                throw Fail(SegmentFailure.Busy, "The KV cache is full.");
            _sessions++;
            return new HostedSession(this, lane, sequence, opening, upstream);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (SegmentLane lane in _lanes.Values) lane.Dispose();
            _lanes.Clear();
        }
    }

    internal void Closed()
    {
        lock (_gate) _sessions--;
    }

    internal SegmentException Fail(SegmentFailure failure, string message, Exception? inner = null) => new(failure, KeyId, message, inner);

    /// <summary>Checks everything about an opening that does not depend on what else is running; gives the upstream provider's key.</summary>
    private HybridPublicKey? Check(SegmentOpening opening)
    {
        Order order = opening.Order.Message;
        if (!HybridPublicKey.TryDecode(opening.ConsumerKey.Span, out HybridPublicKey? consumer) || !opening.Order.IsValid(consumer))
            throw Fail(SegmentFailure.Refused, "The order is not signed by its consumer.");
        if (order.ModelRoot != ModelRoot) throw Fail(SegmentFailure.Refused, $"The order is for model {order.ModelRoot}, this is {ModelRoot}.");
        if (opening.FirstLayer != Segment.Layers.First || opening.EndLayer != Segment.Layers.End)
            throw Fail(SegmentFailure.Refused, $"Layers [{opening.FirstLayer}, {opening.EndLayer}) are not the ones served, {Segment.Layers}.");
        if (opening.Segment < 0 || opening.Segment >= opening.Segments || opening.Segments > Protocol.MaxSegments || opening.Attempt < 0
            || opening.PromptLength is < 1 or > Protocol.MaxTokens
            || (opening.Segment == 0) != Segment.IsFirst || (opening.Segment == opening.Segments - 1) != Segment.IsLast)
            throw Fail(SegmentFailure.Refused, "The place in the cohort does not fit the layers.");
        if (order.Profile.TopK > Segment.Config.VocabularySize) throw Fail(SegmentFailure.Refused, "The top-k digest is larger than the vocabulary.");
        if (opening.Segment == 0) return null;
        return HybridPublicKey.TryDecode(opening.UpstreamKey.Span, out HybridPublicKey? upstream)
            ? upstream
            : throw Fail(SegmentFailure.Refused, "The upstream provider's key is not a key.");
    }

    private SegmentLane LaneOf(ProfileParameters profile)
    {
        var key = (profile.IsExact ? NumericMode.Exact : NumericMode.Fast, (ElementType)profile.KvFormat, profile.TopK, profile.Sketch);
        if (_lanes.TryGetValue(key, out SegmentLane? lane)) return lane;
        // Each lane has a cache of its own, so a stranger's orders must not be able to open any number of them.
        if (_lanes.Count == MaxLanes) throw Fail(SegmentFailure.Busy, $"{MaxLanes} numeric profiles are being served already.");
        lane = new SegmentLane(Segment, profile, _options);
        _lanes.Add(key, lane);
        return lane;
    }
}
