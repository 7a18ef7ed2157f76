using System.Security.Cryptography;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>A denoiser loaded for one test, in one or more segments.</summary>
internal sealed class DenoiserCase : IDisposable
{
    private readonly IDisposable? _files;

    private DenoiserCase(IBackend backend, IDenoiserWeights weights, DenoiserSegment[] segments) =>
        (Backend, Weights, Segments, _files) = (backend, weights, segments, weights as IDisposable);

    public IBackend Backend { get; }

    public IDenoiserWeights Weights { get; }

    public DenoiserSegment[] Segments { get; }

    public DenoiserConfig Config => Weights.Config;

    public static Task<DenoiserCase> GlyphsAsync(IBackend backend, int segments = 1) => LoadAsync(backend, DenoiserDirectory.Open(Repository.Model("glyph-dit")), segments);

    public static async Task<DenoiserCase> LoadAsync(IBackend backend, IDenoiserWeights weights, int segments = 1)
    {
        LayerRange[] ranges = LayerRange.Split(weights.Config.Layers, segments);
        var loaded = new DenoiserSegment[segments];
        for (int i = 0; i < segments; i++) loaded[i] = await DenoiserSegment.LoadAsync(backend, weights, ranges[i]);
        return new DenoiserCase(backend, weights, loaded);
    }

    /// <summary>Requests that differ in everything a batch may differ in.</summary>
    public DenoiserRequest[] Requests(int count, int steps = 3, float guidance = 2) =>
    [
        .. Enumerable.Range(0, count).Select(i => new DenoiserRequest
        {
            Conditioning = TinyDenoiser.Conditioning(Config, i),
            Schedule = Schedule.Create(ScheduleParameters.FlowMatchEuler(steps, shift: 1 + i, spacing: TimestepSpacing.Trailing)),
            Seed = (ulong)(100 + i),
            Guidance = guidance == 1 ? 1 : guidance + i,
            Stride = 1,
        }),
    ];

    public static string Sha256(params IEnumerable<ReadOnlyMemory<float>> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ReadOnlyMemory<float> part in values) hash.AppendData(MemoryMarshal.AsBytes(part.Span));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static double RelativeL2(ReadOnlySpan<float> actual, double[] expected)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        return Math.Sqrt(difference / norm);
    }

    public void Dispose()
    {
        foreach (DenoiserSegment segment in Segments) segment.Dispose();
        _files?.Dispose();
        Backend.Dispose();
    }
}

/// <summary>What an independent float64 implementation computed on glyph-dit; see tests/vectors/golden/README.md.</summary>
internal sealed record DenoiserGolden
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required Evaluation[] Forward { get; init; }

    public required Run[] FlowEuler { get; init; }

    public static DenoiserGolden Read() => JsonSerializer.Deserialize<DenoiserGolden>(File.ReadAllBytes(Repository.Vector("golden", "dit", "golden.json")), Options)!;

    internal sealed record Evaluation(float Timestep, int Label, double[] Latent, double[] Output);

    internal sealed record Run(int Steps, double[] Sigmas, float Guidance, int Label, double[][] Trajectory);
}
