using System.Text.Json;

namespace Ogong.Tests.Engine;

/// <summary>What an independent float64 implementation computed; see tests/vectors/golden/README.md.</summary>
internal sealed record GoldenFile
{
    public required int[] Tokens { get; init; }

    public required double?[] TokenLogprobs { get; init; }

    public required double[][][] Top5 { get; init; }

    public required double[] LastHiddenFinalPosition { get; init; }

    public required double[] BoundaryRms { get; init; }

    public required double[][] BoundaryLastRowFirst8 { get; init; }

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static GoldenFile Read(string name)
    {
        string path = name == "kjv" ? Repository.Vector("golden", "kjv.json") : Repository.Vector("golden", name, "golden.json");
        return JsonSerializer.Deserialize<GoldenFile>(File.ReadAllBytes(path), Options)!;
    }
}
