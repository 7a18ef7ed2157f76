using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cli.Local;

/// <summary>A provider in this process: weights of its own, a key, an offer, and the way to reach it.</summary>
internal sealed class LocalProvider : IDisposable
{
    /// <summary>Network name of orders and offers that never leave this process.</summary>
    public const string Network = "local";

    private readonly Segment _segment;
    private readonly SegmentHost _host;
    private readonly ISigner _key;
    private readonly bool _ownsKey;

    private LocalProvider(string name, Segment segment, Digest modelRoot, ISigner key, bool ownsKey, UInt128 pricePerUnit, int contextLength)
    {
        (Name, _segment, _key, _ownsKey) = (name, segment, key, ownsKey);
        _host = new SegmentHost(segment, modelRoot, key, new SegmentHostOptions { Capacity = 2, ContextLength = contextLength });
        var offer = new Advertisement
        {
            Network = Network,
            ProviderKeyId = _host.KeyId,
            ModelRoot = modelRoot,
            FirstLayer = segment.Layers.First,
            EndLayer = segment.Layers.End,
            Layers = segment.Config.Layers,
            PricePerUnit = pricePerUnit,
            Capacity = 2,
            Profiles = [NumericProfile.Exact1, NumericProfile.Fast1],
            Expiry = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
        };
        Cohort = new CohortProvider(offer.Sign(key), new InProcessTransport(_host));
    }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>The layers it serves.</summary>
    public LayerRange Layers => _segment.Layers;

    /// <summary>Bytes of its weights on the device.</summary>
    public long ResidentBytes => _segment.ResidentBytes;

    /// <summary>Price of one work unit in base units.</summary>
    public UInt128 PricePerUnit => Cohort.Advertisement.Message.PricePerUnit;

    /// <summary>Id of its key.</summary>
    public Digest KeyId => _host.KeyId;

    /// <summary>The provider as a lead knows it.</summary>
    public CohortProvider Cohort { get; }

    /// <summary>Loads a provider's layers.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="backend">Where to load them.</param>
    /// <param name="weights">What it runs, which a cheat need not be what it claims.</param>
    /// <param name="modelRoot">The model it claims to run.</param>
    /// <param name="layers">The layers it serves.</param>
    /// <param name="key">Its key; null makes one.</param>
    /// <param name="pricePerUnit">Price of one work unit in base units.</param>
    /// <param name="contextLength">Most positions of a sequence.</param>
    /// <param name="cancellationToken">Abandons the load.</param>
    public static async Task<LocalProvider> StartAsync(
        string name, IBackend backend, IModelWeights weights, Digest modelRoot, LayerRange layers, ISigner? key = null, UInt128? pricePerUnit = null,
        int contextLength = 4096, CancellationToken cancellationToken = default)
    {
        Segment segment = await Segment.LoadAsync(backend, weights, layers, cancellationToken: cancellationToken);
        return new LocalProvider(name, segment, modelRoot, key ?? HybridKey.Generate(), key is null, pricePerUnit ?? 1, contextLength);
    }

    public void Dispose()
    {
        _host.Dispose();
        _segment.Dispose();
        if (_ownsKey) ((HybridKey)_key).Dispose();
    }
}
