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

    private const int Capacity = 2;
    private readonly IReadOnlyList<IDisposable> _owned;

    private LocalProvider(string name, ISegmentHost host, Advertisement offer, ISigner key, IReadOnlyList<IDisposable> owned)
    {
        (Name, _owned) = (name, owned);
        Cohort = new CohortProvider(offer.Sign(key), new InProcessTransport(host));
    }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>The layers it serves.</summary>
    public LayerRange Layers => new(Offer.FirstLayer, Offer.EndLayer);

    /// <summary>Price of one work unit in base units.</summary>
    public UInt128 PricePerUnit => Offer.PricePerUnit;

    /// <summary>Id of its key.</summary>
    public Digest KeyId => Offer.ProviderKeyId;

    /// <summary>The provider as a lead knows it.</summary>
    public CohortProvider Cohort { get; }

    private Advertisement Offer => Cohort.Advertisement.Message;

    /// <summary>Loads a provider's layers of a text model.</summary>
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
        HybridKey? own = key is null ? HybridKey.Generate() : null;
        ISigner signer = key ?? own!;
        var host = new SegmentHost(segment, modelRoot, signer, new SegmentHostOptions { Capacity = Capacity, ContextLength = contextLength });
        return new LocalProvider(name, host, OfferOf(host, modelRoot, layers, weights.Config.Layers, pricePerUnit), signer, Owned(host, segment, own));
    }

    /// <summary>Loads a provider's layers of a diffusion model.</summary>
    /// <inheritdoc cref="StartAsync(string, IBackend, IModelWeights, Digest, LayerRange, ISigner, UInt128?, int, CancellationToken)"/>
    public static async Task<LocalProvider> StartAsync(
        string name, IBackend backend, IDenoiserWeights weights, Digest modelRoot, LayerRange layers, ISigner? key = null, UInt128? pricePerUnit = null,
        CancellationToken cancellationToken = default)
    {
        DenoiserSegment segment = await DenoiserSegment.LoadAsync(backend, weights, layers, cancellationToken: cancellationToken);
        HybridKey? own = key is null ? HybridKey.Generate() : null;
        ISigner signer = key ?? own!;
        var host = new DenoiserHost(segment, modelRoot, signer, new DenoiserHostOptions { Capacity = Capacity });
        return new LocalProvider(name, host, OfferOf(host, modelRoot, layers, weights.Config.Layers, pricePerUnit), signer, Owned(host, segment, own));
    }

    /// <summary>Serves a segment of a diffusion model that somebody else owns.</summary>
    public static LocalProvider Serve(string name, DenoiserSegment segment, Digest modelRoot)
    {
        HybridKey key = HybridKey.Generate();
        var host = new DenoiserHost(segment, modelRoot, key, new DenoiserHostOptions { Capacity = Capacity });
        return new LocalProvider(name, host, OfferOf(host, modelRoot, segment.Layers, segment.Config.Layers, null), key, Owned(host, key));
    }

    public void Dispose()
    {
        foreach (IDisposable item in _owned) item.Dispose();
    }

    private static IReadOnlyList<IDisposable> Owned(params IEnumerable<IDisposable?> items) => [.. items.OfType<IDisposable>()];

    private static Advertisement OfferOf(ISegmentHost host, Digest modelRoot, LayerRange layers, int modelLayers, UInt128? pricePerUnit) => new()
    {
        Network = Network,
        ProviderKeyId = host.KeyId,
        ModelRoot = modelRoot,
        FirstLayer = layers.First,
        EndLayer = layers.End,
        Layers = modelLayers,
        PricePerUnit = pricePerUnit ?? 1,
        Capacity = Capacity,
        Profiles = [NumericProfile.Exact1, NumericProfile.Fast1],
        Expiry = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
    };
}
