using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Cohorts;

/// <summary>When a route is given up for a faster one.</summary>
/// <param name="SlowPercent">A provider is slow whose measured latency exceeds this share of what it offered.</param>
/// <param name="Patience">Slow measurements in a row before a change is considered.</param>
/// <param name="GainPercent">A new route must be faster than the measured one by at least this share, so that two routes alike do not take turns.</param>
public sealed record ReplanPolicy(int SlowPercent = 150, int Patience = 3, int GainPercent = 20);

/// <summary>
/// Keeps a route going: measures its providers, and plans again when one drops out (at once) or stays slow (with hysteresis). Latencies are smoothed, a new value weighing an eighth, in integer
/// thousandths of a millisecond: the same measurements give the same plan everywhere. Not thread-safe.
/// </summary>
public sealed class RoutePlanner
{
    private const int Weight = 8;
    private readonly RouteRequest request;
    private readonly ReplanPolicy policy;
    private readonly Dictionary<Digest, long> measured = []; // Microseconds.
    private readonly Dictionary<Digest, int> slowInARow = [];
    private readonly HashSet<Digest> dropped;

    private RoutePlanner(RouteRequest request, ReplanPolicy policy, Route route)
    {
        (this.request, this.policy, Route) = (request, policy, route);
        dropped = [.. request.Excluded];
    }

    /// <summary>The route in use.</summary>
    public Route Route { get; private set; }

    /// <summary>Times the route was changed.</summary>
    public int Changes { get; private set; }

    /// <summary>Plans for the first time.</summary>
    public static bool TryStart(RouteRequest request, IEnumerable<RouteOffer> offers, ReplanPolicy policy, [NotNullWhen(true)] out RoutePlanner? planner, [NotNullWhen(false)] out string? failure)
    {
        ArgumentNullException.ThrowIfNull(policy);
        planner = Router.TryFind(request, offers, out Route? route, out failure) ? new RoutePlanner(request, policy, route) : null;
        return planner is not null;
    }

    /// <summary>Smoothed latency of a provider in milliseconds, rounded up; null before the first measurement.</summary>
    public int? Measured(Digest provider) => measured.TryGetValue(provider, out long value) ? (int)Math.Min(int.MaxValue, (value + 999) / 1000) : null;

    /// <summary>Takes the latency of one step at a segment of the route.</summary>
    public void Observe(int segment, int milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        RouteOffer offer = Route.Segments[segment];
        long value = milliseconds * 1000L;
        measured[offer.Provider] = measured.TryGetValue(offer.Provider, out long before) ? before + (value - before) / Weight : value;
        bool slow = value * 100 > offer.LatencyMilliseconds * 1000L * policy.SlowPercent;
        slowInARow[offer.Provider] = slow ? slowInARow.GetValueOrDefault(offer.Provider) + 1 : 0;
    }

    /// <summary>Notes that a provider is gone; it takes no further part until <see cref="Restore"/>.</summary>
    public void Drop(Digest provider) => dropped.Add(provider);

    /// <summary>Lets a provider take part again; its measurements start anew.</summary>
    public void Restore(Digest provider)
    {
        if (request.Excluded.Contains(provider)) return;
        dropped.Remove(provider);
        measured.Remove(provider);
        slowInARow.Remove(provider);
    }

    /// <summary>Changes the route if it must or should be.</summary>
    /// <param name="offers">What providers ask now, with the latencies they state; measured ones count instead where there are any.</param>
    /// <param name="failure">Why a route that must be changed cannot be; null otherwise.</param>
    /// <returns>Whether the route was changed.</returns>
    public bool TryReplan(IEnumerable<RouteOffer> offers, out string? failure)
    {
        ArgumentNullException.ThrowIfNull(offers);
        failure = null;
        bool must = Route.Segments.Any(offer => dropped.Contains(offer.Provider));
        bool should = Route.Segments.Any(offer => slowInARow.GetValueOrDefault(offer.Provider) >= policy.Patience);
        if (!must && !should) return false;

        IEnumerable<RouteOffer> known = offers.Select(offer => Measured(offer.Provider) is { } ms ? offer with { LatencyMilliseconds = ms } : offer);
        if (must)
        {
            if (!Router.TryFind(request with { Excluded = dropped }, known, out Route? route, out failure)) return false;
            return Change(route);
        }

        // The cheapest route that is faster by the gain: a cap below what the present one takes.
        long now = Route.Segments.Sum(offer => (long)(Measured(offer.Provider) ?? offer.LatencyMilliseconds));
        long wanted = Math.Min(now * (100 - policy.GainPercent) / 100, request.LatencyCapMilliseconds ?? RouteRequest.MaxLatencyCap);
        var faster = request with { Excluded = dropped, LatencyCapMilliseconds = (int)Math.Min(wanted, RouteRequest.MaxLatencyCap) };
        return Router.TryFind(faster, known, out Route? better, out _) && Change(better);
    }

    private bool Change(Route route)
    {
        Route = route;
        Changes++;
        slowInARow.Clear();
        return true;
    }
}
