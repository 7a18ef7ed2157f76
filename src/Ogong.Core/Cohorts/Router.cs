using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Cohorts;

/// <summary>What one provider asks for running one contiguous layer range of a job.</summary>
/// <param name="Provider">Key id of the provider.</param>
/// <param name="First">First layer, from 0.</param>
/// <param name="End">One past the last layer.</param>
/// <param name="Price">Price of the whole range for the job, in integer base units.</param>
/// <param name="LatencyMilliseconds">Time one step takes there, link included, in whole milliseconds.</param>
public sealed record RouteOffer(Digest Provider, int First, int End, UInt128 Price, int LatencyMilliseconds);

/// <summary>What a route must satisfy.</summary>
/// <param name="Layers">Number of layers L; the route tiles [0, L) exactly.</param>
public sealed record RouteRequest(int Layers)
{
    /// <summary>Largest latency cap accepted: it bounds the labels a boundary can have.</summary>
    public const int MaxLatencyCap = 60_000;

    /// <summary>Most milliseconds the segments of a step may take together, or null for no cap.</summary>
    public int? LatencyCapMilliseconds { get; init; }

    /// <summary>Providers that must not take part.</summary>
    public IReadOnlySet<Digest> Excluded { get; init; } = new HashSet<Digest>();
}

/// <summary>A cohort: offers in layer order that tile [0, L).</summary>
/// <param name="Segments">The offers chosen.</param>
/// <param name="Price">Sum of their prices.</param>
/// <param name="LatencyMilliseconds">Sum of their latencies.</param>
public sealed record Route(IReadOnlyList<RouteOffer> Segments, UInt128 Price, int LatencyMilliseconds);

/// <summary>
/// Finds the cheapest cohort: a shortest path over layer boundaries 0 … L whose edges are offers. Exact, also under a latency cap: each
/// boundary keeps every (price, latency) pair that no other dominates, at most cap + 1 of them because latencies are whole milliseconds.
/// Ties go to fewer segments, then to the lower latency, then to the lexicographically lowest sequence of (provider, range): the same offers
/// in any order give the same route. Stateless and thread-safe.
/// </summary>
public static class Router
{
    /// <summary>The cheapest route; on false, <paramref name="failure"/> says which layers nobody serves or that the cap cannot be met.</summary>
    /// <exception cref="ArgumentException">The request or an offer is not meaningful.</exception>
    public static bool TryFind(RouteRequest request, IEnumerable<RouteOffer> offers, [NotNullWhen(true)] out Route? route, [NotNullWhen(false)] out string? failure)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(offers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Layers);
        if (request.LatencyCapMilliseconds is < 0 or > RouteRequest.MaxLatencyCap)
            throw new ArgumentException($"A latency cap is 0 to {RouteRequest.MaxLatencyCap} ms.", nameof(request));
        ILookup<int, RouteOffer> byFirst = Usable(request, offers).ToLookup(offer => offer.First);

        // Backward: labels[b] are the non-dominated ways from boundary b to L, so that a tie is settled by the first offer of the path.
        var labels = new List<Label>[request.Layers + 1];
        labels[request.Layers] = [new Label(0, 0, 0, null, null)];
        for (int boundary = request.Layers - 1; boundary >= 0; boundary--)
            labels[boundary] = Extend(byFirst[boundary], labels, request.LatencyCapMilliseconds);

        failure = labels[0].Count > 0 ? null : Explain(request, byFirst);
        route = failure is null ? Follow(labels[0][0]) : null;
        return route is not null;
    }

    private static IEnumerable<RouteOffer> Usable(RouteRequest request, IEnumerable<RouteOffer> offers)
    {
        foreach (RouteOffer offer in offers)
        {
            if (offer.First < 0 || offer.End <= offer.First || offer.LatencyMilliseconds < 0)
                throw new ArgumentException($"Not an offer: {offer}.", nameof(offers));
            if (offer.End <= request.Layers && !request.Excluded.Contains(offer.Provider)) yield return offer;
        }
    }

    private static List<Label> Extend(IEnumerable<RouteOffer> offers, List<Label>[] labels, int? cap)
    {
        var ways = new List<Label>();
        foreach (RouteOffer offer in offers)
        {
            foreach (Label rest in labels[offer.End])
            {
                // A path whose price no longer fits 128 bits can never be paid; saturating keeps it last and the arithmetic total.
                UInt128 price = UInt128.MaxValue - rest.Price < offer.Price ? UInt128.MaxValue : rest.Price + offer.Price;
                long latency = (long)rest.Latency + offer.LatencyMilliseconds;
                if (latency > (cap ?? int.MaxValue)) continue;
                ways.Add(new Label(price, (int)latency, rest.Segments + 1, offer, rest));
            }
        }
        ways.Sort();
        if (cap is null) return ways.Count == 0 ? ways : [ways[0]];
        var front = new List<Label>();
        foreach (Label way in ways)
            if (front.Count == 0 || way.Latency < front[^1].Latency) front.Add(way);
        return front;
    }

    private static Route Follow(Label label)
    {
        var segments = new List<RouteOffer>();
        for (Label at = label; at.Offer is not null; at = at.Rest!) segments.Add(at.Offer);
        return new Route(segments, label.Price, label.Latency);
    }

    private static string Explain(RouteRequest request, ILookup<int, RouteOffer> byFirst)
    {
        var reached = new bool[request.Layers + 1];
        reached[0] = true;
        for (int boundary = 0; boundary < request.Layers; boundary++)
            if (reached[boundary])
                foreach (RouteOffer offer in byFirst[boundary]) reached[offer.End] = true;
        int furthest = Array.LastIndexOf(reached, true);
        return furthest == request.Layers
            ? $"No cohort meets the latency cap of {request.LatencyCapMilliseconds} ms."
            : $"No cohort tiles layers [0, {request.Layers}): offers lead up to layer {furthest} and none goes on from there.";
    }

    private sealed record Label(UInt128 Price, int Latency, int Segments, RouteOffer? Offer, Label? Rest) : IComparable<Label>
    {
        public int CompareTo(Label? other)
        {
            if (other is null) return 1;
            int order = Price.CompareTo(other.Price);
            if (order == 0) order = Segments.CompareTo(other.Segments);
            if (order == 0) order = Latency.CompareTo(other.Latency);
            for ((Label? a, Label? b) = (this, other); order == 0 && a?.Offer is not null && b?.Offer is not null; (a, b) = (a.Rest, b.Rest))
            {
                order = a.Offer.Provider.CompareTo(b.Offer.Provider);
                if (order == 0) order = a.Offer.End.CompareTo(b.Offer.End);
            }
            return order;
        }
    }
}
