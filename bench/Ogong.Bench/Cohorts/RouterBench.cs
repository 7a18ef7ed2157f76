using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Ogong.Bytes;
using Ogong.Cohorts;

namespace Ogong.Bench.Cohorts;

/// <summary>The cheapest tilings of 80 layers from 100 000 offers of one to 28 layers, cut at any layer; prices of neighbours are close, so that few offers can be dropped unseen.</summary>
[MemoryDiagnoser]
public class RouterBench
{
    private const int Layers = 80, Offers = 100_000;
    private readonly RouteOffer[] _offers = new RouteOffer[Offers];

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(13);
        Span<byte> id = stackalloc byte[Digest.Size];
        id.Clear();
        for (int i = 0; i < Offers; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(id, i);
            int first = random.Next(Layers), end = Math.Min(Layers, first + random.Next(1, 29)), layers = end - first;
            _offers[i] = new RouteOffer(new Digest(id), first, end, (UInt128)(layers * random.Next(900, 1200)), (layers * random.Next(1, 6)) + random.Next(1, 10));
        }
    }

    [Benchmark]
    public Route Cheapest() => Find(null, 1);

    [Benchmark]
    [Arguments(200)]
    [Arguments(2000)]
    public Route UnderALatencyCap(int milliseconds) => Find(milliseconds, 1);

    [Benchmark]
    public Route ThreeAlternatives() => Find(400, 3);

    private Route Find(int? cap, int count)
    {
        IReadOnlyList<Route> routes = Router.FindAlternatives(new RouteRequest(Layers) { LatencyCapMilliseconds = cap }, _offers, count, out string? failure);
        return routes.Count == count ? routes[0] : throw new InvalidOperationException(failure);
    }
}
