using System.Diagnostics;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Cli.Bench;

/// <summary>Steps of a diffusion transformer on one backend.</summary>
internal sealed class DenoiserBench : IDisposable
{
    private const int StepsPerTurn = 2;
    private readonly DenoiserSegment _segment;
    private readonly Denoiser _exact, _fast;
    private readonly Schedule _schedule = Schedule.Create(ScheduleParameters.FlowMatchEuler(StepsPerTurn));

    private DenoiserBench(SyntheticDenoiser model, DenoiserSegment segment)
    {
        (Model, _segment) = (model, segment);
        _exact = new Denoiser([segment]);
        _fast = new Denoiser([segment], new DenoiserOptions { IsExact = false });
    }

    public SyntheticDenoiser Model { get; }

    /// <summary>The model, resident.</summary>
    public DenoiserSegment Segment => _segment;

    /// <summary>Multiply-adds, counted as two, of one evaluation: matrices and the products of attention.</summary>
    public double FlopsPerEvaluation
    {
        get
        {
            DenoiserUnits units = DenoiserUnits.Of(Model.Config);
            return 2.0 * (units.Embedding + (Model.Config.Layers * (double)units.Layer) + units.Head);
        }
    }

    /// <summary>Bytes of weights one step reads, with guidance or without: every matrix once, of a class table one row.</summary>
    public long WeightBytes => Model.ParametersRead * ElementType.BF16.Size();

    public static async Task<DenoiserBench> LoadAsync(IBackend backend, SyntheticDenoiser model, CancellationToken cancellationToken) =>
        new(model, await DenoiserSegment.LoadAsync(backend, model, cancellationToken: cancellationToken));

    /// <summary>Seconds of one step, guidance evaluating the model twice.</summary>
    public double Step(NumericMode mode, bool guided)
    {
        Denoiser denoiser = mode == NumericMode.Exact ? _exact : _fast;
        var request = new DenoiserRequest { Conditioning = Conditioning.OfLabel(1), Schedule = _schedule, Seed = 1, Guidance = guided ? 2 : 1 };
        long start = Stopwatch.GetTimestamp();
        denoiser.RunAsync(request).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / StepsPerTurn;
    }

    public void Dispose()
    {
        _exact.Dispose();
        _fast.Dispose();
        _segment.Dispose();
    }
}
