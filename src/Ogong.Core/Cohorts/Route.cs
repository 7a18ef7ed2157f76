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
    /// <summary>Largest latency cap accepted.</summary>
    public const int MaxLatencyCap = 60_000;

    /// <summary>Most latencies told apart at a boundary. Up to a cap of 4095 ms a route is exact; above, latencies are rounded up to multiples of ⌈(cap + 1)/4096⌉ ms.</summary>
    public const int MaxLatencySteps = 4096;

    /// <summary>Most milliseconds the segments of a step may take together, or null for no cap.</summary>
    public int? LatencyCapMilliseconds { get; init; }

    /// <summary>Providers that must not take part.</summary>
    public IReadOnlySet<Digest> Excluded { get; init; } = new HashSet<Digest>();
}

/// <summary>A cohort: offers in layer order that tile [0, L).</summary>
/// <param name="Segments">The offers chosen.</param>
/// <param name="Price">Sum of their prices.</param>
/// <param name="LatencyMilliseconds">Sum of their latencies.</param>
/// <param name="IsExact">
/// Whether no cheaper cohort meets the cap. False only for a cap above 4095 ms: the route meets the cap, and none is cheaper whose latencies meet it after rounding up.
/// </param>
public sealed record Route(IReadOnlyList<RouteOffer> Segments, UInt128 Price, int LatencyMilliseconds, bool IsExact = true);
