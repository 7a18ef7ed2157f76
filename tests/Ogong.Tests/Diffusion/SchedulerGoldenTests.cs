using System.Text.Json;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Kernels.Cpu;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Diffusion;

/// <summary>Whole trajectories on an analytic denoiser, against an independent float64 implementation (tests/vectors/golden/schedulers.json).</summary>
internal sealed class SchedulerGoldenTests
{
    private const double Tolerance = 3e-7;

    private static readonly JsonElement File = JsonDocument.Parse(System.IO.File.ReadAllBytes(Repository.Vector("golden", "schedulers.json"))).RootElement;

    [Test]
    public async Task Trajectories_agree([Values(0, 1, 2, 3, 4, 5)] int index, [Values] bool cpu)
    {
        JsonElement golden = File.GetProperty("cases")[index];
        using IBackend backend = cpu ? new CpuBackend(new CpuOptions()) : new ReferenceBackend();
        Schedule schedule = Schedule.Create(Parameters(golden));
        double[][] trajectory = golden.GetProperty("trajectory").Deserialize<double[][]>()!;
        double[] timesteps = golden.GetProperty("timesteps").Deserialize<double[]>()!;
        Assert.That(trajectory, Has.Length.EqualTo(schedule.Steps.Length + 1));
        float[] x = [.. File.GetProperty("start").Deserialize<double[]>()!.Select(v => (float)v * schedule.InitialNoiseScale)];
        Assert.That(Distance(x, trajectory[0]), Is.LessThan(Tolerance));
        for (int i = 0; i < schedule.Steps.Length; i++)
        {
            Assert.That(schedule.Steps[i].Timestep, Is.EqualTo((float)timesteps[i]).Within(1e-12), $"timestep {i}");
            x = await AdvanceAsync(backend, schedule.Steps[i], x);
            Assert.That(Distance(x, trajectory[i + 1]), Is.LessThan(Tolerance), $"step {i}");
        }
    }

    [Test]
    public void Every_case_of_the_file_is_run() => Assert.That(File.GetProperty("cases").GetArrayLength(), Is.EqualTo(6));

    private static async Task<float[]> AdvanceAsync(IBackend backend, ScheduleStep s, float[] x)
    {
        var row = new DenoiseRow(s.InputScale, 1, s.DataFromLatent, s.DataFromOutput, s.DataLimit, s.FromLatent, s.FromData, s.FromOutput, s.FromNoise);
        float[] input = await Kernels.Oracle.RunAsync(backend, x.Length, (step, y) => step.Queue.DenoiseInput(step.Upload(x), step.Upload(row), y, 1, x.Length, 1));
        float[] output = [.. input.Select((v, i) => (float)((0.3 * v) + (0.05 * Math.Sin((s.Timestep / 100.0) + i))))];
        return await Kernels.Oracle.RunAsync(backend, x.Length, (step, y) => step.Queue.DenoiseStep(step.Upload(x), step.Upload(output), null, step.Upload(row), y, 1, x.Length, guided: false));
    }

    private static ScheduleParameters Parameters(JsonElement golden)
    {
        string name = golden.GetProperty("name").GetString()!;
        int steps = golden.GetProperty("steps").GetInt32(), offset = golden.GetProperty("steps_offset").GetInt32();
        BetaSchedule betas = name.Contains("scaled_linear 0.00085..0.012", StringComparison.Ordinal) ? BetaSchedule.ScaledLinear(0.00085, 0.012) : BetaSchedule.Linear(0.0001, 0.02);
        PredictionKind prediction = golden.GetProperty("prediction_type").GetString() == "epsilon" ? PredictionKind.Epsilon : PredictionKind.Velocity;
        if (golden.GetProperty("scheduler").GetString() == "DDIMScheduler")
            return ScheduleParameters.Ddim(steps, betas, prediction, TimestepSpacing.Leading, offset, !name.Contains("set_alpha_to_one false", StringComparison.Ordinal));
        bool leading = golden.GetProperty("timestep_spacing").GetString() == "leading";
        return ScheduleParameters.EulerDiscrete(
            steps, betas, prediction, leading ? TimestepSpacing.Leading : TimestepSpacing.Linspace, offset, golden.GetProperty("use_karras_sigmas").GetBoolean());
    }

    private static double Distance(float[] x, double[] expected) =>
        Math.Sqrt(x.Zip(expected, (a, b) => (a - b) * (a - b)).Sum() / expected.Sum(b => b * b));
}
