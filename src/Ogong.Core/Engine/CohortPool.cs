using Ogong.Bytes;
using Ogong.Cohorts;

namespace Ogong.Engine;

/// <summary>The providers a lead knows, and how it chooses among them. Thread-safe.</summary>
internal sealed class CohortPool
{
    private readonly CohortProvider[] _providers;
    private readonly TimeProvider _time;

    public CohortPool(IReadOnlyList<CohortProvider> providers, CohortOptions? options, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(providers);
        (_providers, Options, _time) = ([.. providers], options ?? new CohortOptions(), time ?? TimeProvider.System);
    }

    public CohortOptions Options { get; }

    /// <summary>The lead's clock, in milliseconds since 1970-01-01 UTC.</summary>
    public long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public CohortProvider Provider(Digest keyId) => _providers.First(p => p.KeyId == keyId);

    /// <summary>The cheapest cohort.</summary>
    /// <exception cref="CohortException">No cohort tiles the model within the constraints.</exception>
    public Route FindRoute(CohortJob job)
    {
        var request = new RouteRequest(job.Layers) { LatencyCapMilliseconds = Options.LatencyCapMilliseconds, Excluded = Options.Excluded };
        return Router.TryFind(request, Offers(job), out Route? route, out string? failure) ? route : throw new CohortException(failure);
    }

    /// <summary>The cheapest other provider of exactly these layers.</summary>
    public CohortProvider? FindReplacement(CohortJob job, LayerRange layers, IReadOnlySet<Digest> failed)
    {
        IEnumerable<RouteOffer> offers = Offers(job)
            .Where(offer => offer.First == layers.First && offer.End == layers.End && !Options.Excluded.Contains(offer.Provider))
            .Select(offer => offer with { First = 0, End = layers.Count });
        return Router.TryFind(new RouteRequest(layers.Count) { Excluded = failed }, offers, out Route? route, out _) ? Provider(route.Segments[0].Provider) : null;
    }

    private IEnumerable<RouteOffer> Offers(CohortJob job) => _providers.Select(p => p.OfferFor(job, Now())).OfType<RouteOffer>();
}
