using BenchmarkDotNet.Attributes;
using Ogong.Compute;

namespace Ogong.Bench.Cpu;

/// <summary>
/// What follows the logits of one row: 4 bytes per token read once by the digest (with one exponential per token), once or twice by
/// sampling. The logits have just been written, so they come from
/// a cache; the head's linear layer beside it reads hidden size · 2 bytes per token.
/// </summary>
[MemoryDiagnoser]
public class LogprobDigestBench
{
    private const ulong All = 1UL << 32;
    private OperationLoad? _load;
    private DeviceBuffer? _logits, _ids, _logprobs, _greedy, _free, _topK, _topP, _token;

    [Params(49_152, 151_936)]
    public int Vocabulary { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _load = new OperationLoad();
        (_logits, _ids, _logprobs, _token) = (_load.Floats(Vocabulary, 10f), _load.Floats(20), _load.Floats(20), _load.Floats(1));
        _greedy = _load.Upload<SamplingRow>([new(1, All, 0f, 0, 5)]);
        _free = _load.Upload<SamplingRow>([new(1, All, 1f, 0, 5)]);
        _topK = _load.Upload<SamplingRow>([new(1, All / 10 * 9, 0.8f, 50, 5)]);
        _topP = _load.Upload<SamplingRow>([new(1, All / 10 * 9, 1f, 0, 5)]);
    }

    [Benchmark]
    public void Top20() => _load!.Queue.LogprobDigest(_logits!, _ids!, _logprobs!, null, null, 1, Vocabulary, 20);

    [Benchmark]
    public void Greedy() => _load!.Queue.Sample(_logits!, _greedy!, _token!, 1, Vocabulary);

    /// <summary>Noise for every token that could still win.</summary>
    [Benchmark]
    public void Unfiltered() => _load!.Queue.Sample(_logits!, _free!, _token!, 1, Vocabulary);

    [Benchmark]
    public void TopK50TopP90() => _load!.Queue.Sample(_logits!, _topK!, _token!, 1, Vocabulary);

    /// <summary>A nucleus of thousands of tokens: logits uniform in [−10, 10].</summary>
    [Benchmark]
    public void TopP90() => _load!.Queue.Sample(_logits!, _topP!, _token!, 1, Vocabulary);

    [GlobalCleanup]
    public void Cleanup() => _load?.Dispose();
}
