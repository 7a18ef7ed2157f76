using System.Diagnostics;
using Ogong.Numerics;

namespace Ogong.Engine;

/// <summary>One batch of trajectories of equally many steps. Latents come back to the host only where a request keeps them.</summary>
internal sealed class TrajectoryRun
{
    private readonly DenoiserExecutor _executor;
    private readonly DenoiserRequest[] _requests;
    private readonly DenoiserStep[] _steps;
    private readonly float[] _latents, _noise;
    private readonly List<int>[] _kept;
    private readonly List<ReadOnlyMemory<float>>[] _trajectories;

    public TrajectoryRun(DenoiserExecutor executor, DenoiserRequest[] requests)
    {
        (_executor, _requests) = (executor, requests);
        _steps = new DenoiserStep[requests.Length];
        _latents = new float[requests.Length * executor.Config.Shape.Count];
        _noise = requests[0].Schedule.AddsNoise ? new float[_latents.Length] : [];
        _kept = [.. requests.Select(static _ => new List<int>())];
        _trajectories = [.. requests.Select(static _ => new List<ReadOnlyMemory<float>>())];
    }

    private int Steps => _requests[0].Schedule.Steps.Length;

    public async Task<DenoiserResult[]> RunAsync(CancellationToken cancellationToken)
    {
        using Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.diffusion");
        Start();
        Keep(0);
        for (int step = 0; step < Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool keeps = AnyKeeps(step + 1);
            long started = Stopwatch.GetTimestamp();
            Step(step, keeps);
            await _executor.Queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
            OgongDiagnostics.StepRan(Stopwatch.GetElapsedTime(started), _executor.Passes * _executor.Config.Tokens);
            if (keeps) Keep(step + 1);
        }
        return [.. _kept.Select((steps, i) => new DenoiserResult { Steps = steps, Trajectory = _trajectories[i] })];
    }

    private void Start()
    {
        _executor.Prepare([.. _requests.Select(static request => request.Conditioning)], _requests[0].IsGuided);
        for (int sample = 0; sample < _requests.Length; sample++)
        {
            DenoiserRequest request = _requests[sample];
            request.Schedule.FillInitialLatent(request.Seed, Of(_latents, sample));
        }
        _executor.WriteLatents(_latents);
    }

    private void Step(int step, bool keeps)
    {
        for (int sample = 0; sample < _requests.Length; sample++)
        {
            DenoiserRequest request = _requests[sample];
            _steps[sample] = DenoiserStep.Of(request.Schedule.Steps[step], request.Guidance);
            if (_noise.Length > 0) NormalNoise.Fill(request.Seed, (uint)(step + 1), Of(_noise, sample));
        }
        _executor.Begin(_executor.Layers, _steps, _noise, keeps);
        _executor.Enter();
        _executor.Run(_executor.Layers);
        _executor.Predict();
        _executor.Advance();
        if (keeps) _executor.Queue.Read<float>(_executor.Latents, _latents);
        _executor.End();
    }

    private void Keep(int step)
    {
        for (int sample = 0; sample < _requests.Length; sample++)
        {
            if (!IsKept(_requests[sample], step)) continue;
            _kept[sample].Add(step);
            _trajectories[sample].Add(Of(_latents, sample).ToArray());
        }
    }

    // A loop, because a lambda would be allocated for every step.
    private bool AnyKeeps(int step)
    {
        foreach (DenoiserRequest request in _requests)
            if (IsKept(request, step)) return true;
        return false;
    }

    private bool IsKept(DenoiserRequest request, int step) => step == 0 || step == Steps || (request.Stride is { } stride && step % stride == 0);

    private Span<float> Of(float[] values, int sample) => values.AsSpan(sample * _executor.Config.Shape.Count, _executor.Config.Shape.Count);
}
