using System.Diagnostics.CodeAnalysis;

namespace Ogong.Cohorts;

/// <summary>
/// Finds the cheapest cohorts: shortest paths over layer boundaries 0 … L whose edges are offers. Under a latency cap each boundary keeps, per whole millisecond, the ways that fewer than k others
/// beat in both price and latency. Ties go to fewer segments, then to the lower latency, then to the lexicographically lowest sequence of (provider, range): the same offers in any order give the
/// same routes. With n offers and S latencies told apart it takes O(n log n + L²·k²·S²) at worst; 10⁵ offers take tens of milliseconds. Stateless and thread-safe.
/// </summary>
public static class Router
{
    /// <summary>Most alternatives.</summary>
    public const int MaxAlternatives = 16;

    /// <summary>The cheapest route; on false, <paramref name="failure"/> says which layers nobody serves or that the cap cannot be met.</summary>
    /// <exception cref="ArgumentException">The request or an offer is not meaningful.</exception>
    public static bool TryFind(RouteRequest request, IEnumerable<RouteOffer> offers, [NotNullWhen(true)] out Route? route, [NotNullWhen(false)] out string? failure)
    {
        IReadOnlyList<Route> routes = FindAlternatives(request, offers, 1, out failure);
        route = routes.Count > 0 ? routes[0] : null;
        return route is not null;
    }

    /// <summary>The k cheapest routes, best first, fewer if there are not so many; distinct in at least one offer. Empty with the reason in <paramref name="failure"/>.</summary>
    /// <param name="request">What a route must satisfy.</param>
    /// <param name="offers">What providers ask, in any order.</param>
    /// <param name="count">k, 1 to <see cref="MaxAlternatives"/>.</param>
    /// <param name="failure">Why there is no route; null if there is one.</param>
    /// <exception cref="ArgumentException">The request or an offer is not meaningful.</exception>
    public static IReadOnlyList<Route> FindAlternatives(RouteRequest request, IEnumerable<RouteOffer> offers, int count, out string? failure)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(offers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxAlternatives);
        if (request.LatencyCapMilliseconds is < 0 or > RouteRequest.MaxLatencyCap)
            throw new ArgumentException($"A latency cap is 0 to {RouteRequest.MaxLatencyCap} ms.", nameof(request));

        var search = new RouteSearch(request, new OfferTable(request, offers, count), count);
        IReadOnlyList<Route> routes = search.Run();
        failure = routes.Count > 0 ? null : search.Explain();
        return routes;
    }
}
