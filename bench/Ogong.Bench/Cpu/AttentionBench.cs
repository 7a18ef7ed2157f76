using BenchmarkDotNet.Attributes;
using Ogong.Compute;

namespace Ogong.Bench.Cpu;

/// <summary>
/// Attention of one layer, 12 query and 4 kv heads of 64.
/// Prefill: 512 rows from position 0, 4 · 64 · 12 · 512 · 513 / 2 = 0.40 GFLOP, bound by the multiply-add rate (and 1.6 M exponentials).
/// Decode: one row at position 8191, bound by reading 2 · 8192 · 4 · 64 entries: 16.8 MB in F32, 8.4 MB in 16 bits. Layers take turns, so
/// that the cache is larger than the processor's.
/// </summary>
[MemoryDiagnoser]
public class AttentionBench
{
    private const int Heads = 12, KvHeads = 4, HeadDim = 64, PrefillRows = 512, Context = 8192, Layers = 12;
    private OperationLoad? _load;
    private KvCache? _cache;
    private BatchLayout? _prefill, _decode;
    private DeviceBuffer? _q, _y, _k, _v;
    private int _layer;

    [Params(ElementType.F32, ElementType.BF16, ElementType.F16)]
    public ElementType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        const int pages = Context / KvCacheShape.PageLength;
        _load = new OperationLoad();
        _cache = _load.Cache(new KvCacheShape(Layers, KvHeads, HeadDim, pages, Type));
        (_q, _y) = (_load.Floats(PrefillRows * Heads * HeadDim), _load.Floats(PrefillRows * Heads * HeadDim));
        (_k, _v) = (_load.Floats(PrefillRows * KvHeads * HeadDim), _load.Floats(PrefillRows * KvHeads * HeadDim));
        for (int first = 0; first < Context; first += PrefillRows)
            for (int layer = 0; layer < Layers; layer++)
                _load.Queue.AppendKv(_cache, layer, _k, _v, _load.Batch(PrefillRows, first, pages), PrefillRows);
        (_prefill, _decode) = (_load.Batch(PrefillRows, 0, pages), _load.Batch(1, Context - 1, pages));
    }

    [Benchmark]
    public void Prefill512() => _load!.Queue.Attention(_cache!, 0, _q!, _y!, _prefill!, PrefillRows, Heads, int.MaxValue, NumericMode.Exact);

    [Benchmark]
    public void Decode8192() => _load!.Queue.Attention(_cache!, _layer = (_layer + 1) % Layers, _q!, _y!, _decode!, 1, Heads, int.MaxValue, NumericMode.Exact);

    [Benchmark]
    public void AppendKv512() => _load!.Queue.AppendKv(_cache!, 0, _k!, _v!, _prefill!, PrefillRows);

    [GlobalCleanup]
    public void Cleanup() => _load?.Dispose();
}
