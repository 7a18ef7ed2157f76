using Ogong.Bytes;
using Ogong.Cohorts;

namespace Ogong.Simulation;

/// <summary>Where orders find cohorts: per batch of orders a random part of the network makes offers, and the router's cheapest alternatives take turns.</summary>
internal sealed class Market
{
    public const int Layers = 32;
    private const int OffersPerBatch = 64, OrdersPerBatch = 200, Alternatives = 8;
    private readonly SimulatedProvider[] providers;
    private readonly SplitMix random;
    private readonly HashSet<Digest> ejected = [];
    private IReadOnlyList<Route> routes = [];
    private int orders;

    public Market(SimulatedProvider[] providers, SplitMix random) => (this.providers, this.random) = (providers, random);

    /// <summary>The cohort of the next order; null if none can be formed.</summary>
    public Route? Next()
    {
        if (orders++ % OrdersPerBatch == 0) Plan();
        return routes.Count == 0 ? null : routes[orders % routes.Count];
    }

    /// <summary>Takes a provider out, and every route it is in.</summary>
    public void Eject(SimulatedProvider provider)
    {
        ejected.Add(provider.KeyId);
        routes = [.. routes.Where(route => route.Segments.All(offer => offer.Provider != provider.KeyId))];
    }

    private void Plan()
    {
        var offers = new List<RouteOffer>(OffersPerBatch);
        var request = new RouteRequest(Layers) { LatencyCapMilliseconds = 400, Excluded = ejected };
        for (int attempt = 0; attempt < 8; attempt++)
        {
            for (int i = 0; i < OffersPerBatch; i++)
            {
                SimulatedProvider p = providers[random.Below(providers.Length)];
                // Prices move by up to a tenth from batch to batch.
                int price = (p.End - p.First) * (p.PricePerLayer + random.Below(p.PricePerLayer / 10 + 1));
                offers.Add(new RouteOffer(p.KeyId, p.First, p.End, (UInt128)price, p.Latency));
            }
            routes = Router.FindAlternatives(request, offers, Alternatives, out _);
            if (routes.Count > 0) return;
        }
    }
}
