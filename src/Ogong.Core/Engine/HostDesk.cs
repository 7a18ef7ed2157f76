using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>What every kind of host has: a key, a segment of a model, and room for a number of sessions. Thread-safe.</summary>
internal sealed class HostDesk
{
    private readonly int _capacity;
    private readonly LayerRange _layers;
    private readonly Lock _gate = new();
    private int _sessions;
    private bool _closed;

    public HostDesk(ISigner signer, Digest modelRoot, LayerRange layers, int modelLayers, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (Signer, ModelRoot, _layers, ModelLayers, _capacity) = (signer, modelRoot, layers, modelLayers, capacity);
        KeyId = new Digest(signer.PublicKey.KeyId);
    }

    public ISigner Signer { get; }

    public Digest ModelRoot { get; }

    public Digest KeyId { get; }

    /// <summary>Layers of the whole model.</summary>
    public int ModelLayers { get; }

    /// <summary>Makes a session if there is room for one. Sessions are made one at a time.</summary>
    /// <exception cref="SegmentException">There is no room.</exception>
    public T Seat<T>(Func<T> create) where T : ISegmentSession
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_sessions == _capacity) throw Fail(SegmentFailure.Busy, $"All {_sessions} sessions are taken.");
            T session = create();
            _sessions++;
            return session;
        }
    }

    /// <summary>A session is over.</summary>
    public void Leave()
    {
        lock (_gate) _sessions--;
    }

    /// <summary>Admits nobody any more, and releases what sessions ran on.</summary>
    public void Close(Action release)
    {
        lock (_gate)
        {
            _closed = true;
            release();
        }
    }

    public SegmentException Fail(SegmentFailure failure, string message, Exception? inner = null) => new(failure, KeyId, message, inner);

    public SegmentException Refuse(string message, Exception? inner = null) => Fail(SegmentFailure.Refused, message, inner);

    /// <summary>Checks what is common to openings of every kind; gives the key of the provider whose statements the session will check, if there is one.</summary>
    /// <param name="opening">The opening.</param>
    /// <param name="order">Its order.</param>
    /// <param name="modelRoot">The model the order names.</param>
    /// <param name="isRing">Whether the first segment's input comes from the last one.</param>
    public HybridPublicKey? Check<TOrder>(SegmentOpening opening, Signed<TOrder> order, Digest modelRoot, bool isRing) where TOrder : class, ISignable<TOrder>
    {
        SegmentPlace place = opening.Place;
        if (!HybridPublicKey.TryDecode(opening.ConsumerKey.Span, out HybridPublicKey? consumer) || !order.IsValid(consumer))
            throw Refuse("The order is not signed by its consumer.");
        if (modelRoot != ModelRoot) throw Refuse($"The order is for model {modelRoot}, this is {ModelRoot}.");
        if (place.FirstLayer != _layers.First || place.EndLayer != _layers.End)
            throw Refuse($"Layers [{place.FirstLayer}, {place.EndLayer}) are not the ones served, {_layers}.");
        if (place.Segment < 0 || place.Segment >= place.Segments || place.Segments > Protocol.MaxSegments || place.Attempt < 0
            || (place.Segment == 0) != (_layers.First == 0) || (place.Segment == place.Segments - 1) != (_layers.End == ModelLayers))
            throw Refuse("The place in the cohort does not fit the layers.");
        return place.Segment == 0 && !isRing ? null : DecodeUpstream(place.UpstreamKey);
    }

    public HybridPublicKey DecodeUpstream(ReadOnlyMemory<byte> key) =>
        HybridPublicKey.TryDecode(key.Span, out HybridPublicKey? upstream) ? upstream : throw Refuse("The upstream provider's key is not a key.");
}
