using BenchmarkDotNet.Attributes;
using Ogong.Beacon;

namespace Ogong.Bench.Beacon;

/// <summary>Verifying one published round of each drand scheme: a hash to the curve and a product of two pairings. Bound by multiplications modulo p.</summary>
[MemoryDiagnoser]
public class DrandBench
{
    private readonly DrandBeacon _quicknet = new(DrandChain.Quicknet), _chained = new(DrandChain.Default);
    private readonly SignedRound _unchainedRound = Round(1000, "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39", "");
    private readonly SignedRound _chainedRound = Round(
        1,
        "8d61d9100567de44682506aea1a7a6fa6e5491cd27a0a0ed349ef6910ac5ac20ff7bc3e09d7c046566c9f7f3c6f3b10104990e7cb424998203d8f7de586fb7fa5f60045417a432684f85093b06ca91c769f0e7ca19268375e659c2a2352b4655",
        "176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a");

    [Benchmark]
    public bool Quicknet() => _quicknet.Verify(_unchainedRound, out _) is not null;

    [Benchmark]
    public bool Chained() => _chained.Verify(_chainedRound, out _) is not null;

    [GlobalSetup]
    public void Check()
    {
        if (!Quicknet() || !Chained()) throw new InvalidOperationException("A published round does not verify.");
    }

    private static SignedRound Round(ulong round, string signature, string previous) => new(round, Convert.FromHexString(signature), Convert.FromHexString(previous));
}
