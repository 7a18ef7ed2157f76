using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Ogong.Compute;

namespace Ogong.Bench.Cpu;

/// <summary>
/// The operations of a diffusion transformer, shaped as DiT-XL/2 at 256 × 256 pixels: 256 tokens of 1152 (16 heads of 72, feed-forward 4608) per sample, a latent of 4 × 32 × 32; two samples are the branches of a guided step.
/// Per step and sample: LayerNorm and Modulate 0.29 M elements, bound by the cache (three passes over a row that fits it, 8 bytes per element); GatedResidual 12 bytes per element; Gelu 1.2 M elements, one exponential
/// and one division each; attention 4 · 256² · 1152 = 0.30 GFLOP and a million exponentials. The scheduler step is a few microseconds.
/// </summary>
[MemoryDiagnoser]
public class DiffusionBench
{
    private const int Tokens = 256, Heads = 16, HeadDim = 72, Width = Heads * HeadDim, Inner = 4 * Width, Latent = 4 * 32 * 32;
    private OperationLoad? _load;
    private DeviceBuffer? _x, _y, _k, _v, _wide, _activated, _latents, _output, _steps, _distances;
    private SampleParameters _parameters;

    [Params(1, 2)]
    public int Samples { get; set; }

    private int Rows => Samples * Tokens;

    [GlobalSetup]
    public void Setup()
    {
        _load = new OperationLoad();
        (_x, _y) = (_load.Floats(Rows * Width), _load.Floats(Rows * Width));
        (_k, _v) = (_load.Floats(Rows * Width), _load.Floats(Rows * Width));
        (_wide, _activated) = (_load.Floats(Rows * Inner), _load.Floats(Rows * Inner));
        // Shift, scale and gate of both halves of a block. Small gates: repeated in place, the values keep their size.
        _parameters = new SampleParameters(_load.Floats(Samples * 6 * Width, 1e-3f), 6 * Width, Tokens);
        (_latents, _output, _distances) = (_load.Floats(Samples * Latent), _load.Floats(2 * Samples * Latent), _load.Floats(Samples));
        DenoiseRow[] steps = new DenoiseRow[Samples];
        Array.Fill(steps, new DenoiseRow(1, 2, 0, 0, float.PositiveInfinity, 1, 0, -0.05f, 0));
        _steps = _load.Upload<byte>(MemoryMarshal.AsBytes(steps.AsSpan()));
    }

    [Benchmark]
    public void LayerNorm() => _load!.Queue.LayerNorm(_x!, null, null, 1e-6f, _y!, Rows, Width);

    [Benchmark]
    public void Modulate() => _load!.Queue.Modulate(_x!, _parameters, 0, Width, 1e-6f, _y!, Rows, Width);

    [Benchmark]
    public void GatedResidual() => _load!.Queue.GatedResidual(_y!, _x!, _parameters, 2 * Width, Rows, Width);

    [Benchmark]
    public void Gelu() => _load!.Queue.Gelu(_wide!, _activated!, (long)Rows * Inner);

    [Benchmark]
    public void Silu() => _load!.Queue.Silu(_x!, _y!, (long)Rows * Width);

    [Benchmark]
    public void BidirectionalAttention() => _load!.Queue.BidirectionalAttention(_x!, _k!, _v!, null, _y!, new AttentionShape(Samples, Tokens, Tokens, Heads, HeadDim));

    [Benchmark]
    public void DenoiseInput() => _load!.Queue.DenoiseInput(_latents!, _steps!, _output!, Samples, Latent, 2);

    [Benchmark]
    public void DenoiseStep() => _load!.Queue.DenoiseStep(_latents!, _output!, null, _steps!, _latents!, Samples, Latent, guided: true);

    [Benchmark]
    public void LatentDistance() => _load!.Queue.LatentDistance(_latents!, _output!, _distances!, Samples, Latent);

    [GlobalCleanup]
    public void Cleanup() => _load?.Dispose();
}
