using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Diffusion;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// A provider: serves one segment of one denoiser to any number of leads, and signs what it did. Whatever transport reaches it calls <see cref="Open"/> and the session it returns.
/// </summary>
/// <remarks>Thread-safe. Owns its buffers, not the segment nor the signer.</remarks>
public sealed class DenoiserHost : ISegmentHost, IDisposable
{
    private readonly Dictionary<bool, DenoiserLane> _lanes = [];
    private readonly DenoiserHostOptions _options;

    /// <summary>Prepares to serve <paramref name="segment"/> of the model named <paramref name="modelRoot"/>.</summary>
    public DenoiserHost(DenoiserSegment segment, Digest modelRoot, ISigner signer, DenoiserHostOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentNullException.ThrowIfNull(signer);
        (Segment, _options) = (segment, options ?? new DenoiserHostOptions());
        Desk = new HostDesk(signer, modelRoot, segment.Layers, segment.Config.Layers, _options.Capacity);
    }

    /// <summary>What it serves.</summary>
    public DenoiserSegment Segment { get; }

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
        if (opening is not DiffusionOpening diffusion) throw Desk.Refuse("This provider serves a diffusion model.");
        DiffusionOrder order = diffusion.Order.Message;
        HybridPublicKey upstream = Desk.Check(diffusion, diffusion.Order, order.ModelRoot, isRing: true)!;
        if (diffusion.Conditioning.Hash() != order.ConditioningHash) throw Desk.Refuse("The conditioning is not the one ordered.");
        if (!order.Shape.Equals(Segment.Config.Shape)) throw Desk.Refuse($"The model makes latents of {Segment.Config.Shape}, not of {order.Shape}.");
        if (DenoiserConditioning.Objection(Segment.Config, diffusion.Conditioning, order.IsGuided) is { } objection) throw Desk.Refuse(objection);
        if (diffusion.Conditioning.Tokens > _options.ContextTokens) throw Desk.Refuse($"The conditioning has {diffusion.Conditioning.Tokens} vectors; there is room for {_options.ContextTokens}.");
        // Before the seat, since others wait while one is taken, and the longest schedule that an order may state takes a second.
        var schedule = Schedule.Create(order.Schedule);
        var earlier = EarlierSteps.Read(diffusion, Desk, Segment, schedule);
        return Desk.Seat(() => new DenoiserSession(this, LaneOf(order.Profile.IsExact), diffusion, schedule, upstream, earlier));
    }

    /// <inheritdoc/>
    public void Dispose() => Desk.Close(() =>
    {
        foreach (DenoiserLane lane in _lanes.Values) lane.Dispose();
        _lanes.Clear();
    });

    private DenoiserLane LaneOf(bool isExact)
    {
        if (_lanes.TryGetValue(isExact, out DenoiserLane? lane)) return lane;
        lane = new DenoiserLane(Segment, new DenoiserOptions { IsExact = isExact, ContextTokens = _options.ContextTokens });
        _lanes.Add(isExact, lane);
        return lane;
    }
}
