namespace Ogong.Cohorts;

/// <summary>The usable offers by layer range. Of a range only those are kept that can be in one of the k best routes: fewer than k others beat them in price and in latency.</summary>
internal sealed class OfferTable
{
    private readonly List<RouteOffer>?[] ranges;
    private readonly int layers;

    /// <summary>Takes offers in any order; without a latency cap only the price counts.</summary>
    public OfferTable(RouteRequest request, IEnumerable<RouteOffer> offers, int count)
    {
        layers = request.Layers;
        ranges = new List<RouteOffer>?[(layers + 1) * (layers + 1)];
        foreach (RouteOffer offer in offers)
        {
            if (offer.First < 0 || offer.End <= offer.First || offer.LatencyMilliseconds < 0)
                throw new ArgumentException($"Not an offer: {offer}.", nameof(offers));
            if (offer.End > layers || request.Excluded.Contains(offer.Provider)) continue;
            ref List<RouteOffer>? range = ref ranges[offer.First * (layers + 1) + offer.End];
            (range ??= []).Add(offer);
        }
        bool byLatency = request.LatencyCapMilliseconds is not null;
        foreach (List<RouteOffer>? range in ranges)
            if (range is not null) Prune(range, count, byLatency);
    }

    /// <summary>What is kept of the range [first, end), cheapest first.</summary>
    public List<RouteOffer>? this[int first, int end] => ranges[first * (layers + 1) + end];

    // In order of price every earlier offer is as cheap; k of them that are as fast as well leave a later one no place among the k best.
    private static void Prune(List<RouteOffer> range, int count, bool byLatency)
    {
        range.Sort(Compare);
        int kept = 0;
        for (int i = 0; i < range.Count; i++)
        {
            RouteOffer offer = range[i];
            if (kept > 0 && range[kept - 1] == offer) continue; // The same offer twice is one offer.
            int better = 0;
            for (int j = 0; j < kept && better < count; j++)
                if (!byLatency || range[j].LatencyMilliseconds <= offer.LatencyMilliseconds) better++;
            if (better < count) range[kept++] = offer;
        }
        range.RemoveRange(kept, range.Count - kept);
    }

    private static int Compare(RouteOffer a, RouteOffer b)
    {
        int order = a.Price.CompareTo(b.Price);
        if (order == 0) order = a.LatencyMilliseconds.CompareTo(b.LatencyMilliseconds);
        return order == 0 ? a.Provider.CompareTo(b.Provider) : order;
    }
}
