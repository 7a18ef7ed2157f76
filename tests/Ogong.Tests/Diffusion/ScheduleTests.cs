using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Diffusion;

namespace Ogong.Tests.Diffusion;

internal sealed class ScheduleTests
{
    private static readonly BetaSchedule StableDiffusion = BetaSchedule.ScaledLinear(0.00085, 0.012), Cosine = BetaSchedule.SquaredCosine(50);

    private static IEnumerable<ScheduleParameters> Parameters()
    {
        foreach (int steps in new[] { 1, 2, 24 })
        {
            yield return ScheduleParameters.FlowMatchEuler(steps);
            yield return ScheduleParameters.FlowMatchEuler(steps, 3, spacing: TimestepSpacing.Trailing);
            yield return ScheduleParameters.FlowMatchEuler(steps, 0.3, 777);
        }
        foreach (TimestepSpacing spacing in Enum.GetValues<TimestepSpacing>())
        {
            int offset = spacing == TimestepSpacing.Leading ? 1 : 0;
            foreach (PredictionKind prediction in new[] { PredictionKind.Epsilon, PredictionKind.Velocity })
            {
                yield return ScheduleParameters.EulerDiscrete(7, StableDiffusion, prediction, spacing, offset);
                yield return ScheduleParameters.EulerDiscrete(6, Cosine, prediction, spacing, offset, karrasSigmas: true);
                yield return ScheduleParameters.Ddim(8, BetaSchedule.Linear(), prediction, spacing, offset, alphaToOne: false, eta: 0.7);
                yield return ScheduleParameters.Ddim(8, Cosine, prediction, spacing, offset, clipRange: 1.7, eta: 1);
                yield return ScheduleParameters.Ddim(3, StableDiffusion, prediction, spacing, offset);
            }
            yield return ScheduleParameters.EulerDiscrete(1, Cosine, spacing: spacing, karrasSigmas: true);
        }
        yield return ScheduleParameters.EulerDiscrete(2, Cosine, karrasSigmas: true);
        yield return ScheduleParameters.EulerDiscrete(5, BetaSchedule.Linear(0.02, 0.0001, 100), karrasSigmas: true);
        yield return ScheduleParameters.Ddim(1, BetaSchedule.Linear(timesteps: 1));
        yield return ScheduleParameters.Ddim(64, BetaSchedule.Linear(0.5, 0.5, 64), eta: 1);
        yield return ScheduleParameters.EulerDiscrete(40, BetaSchedule.Linear(BetaSchedule.MinBeta, BetaSchedule.MinBeta, 40), PredictionKind.Velocity);
    }

    [TestCaseSource(nameof(Parameters))]
    public void Every_coefficient_is_the_correctly_rounded_value(ScheduleParameters parameters)
    {
        Schedule schedule = Schedule.Create(parameters);
        var oracle = new ScheduleOracle(parameters);
        Assert.That(schedule.InitialNoiseScale, Is.EqualTo(oracle.InitialNoiseScale()));
        Assert.That(schedule.Steps, Has.Length.EqualTo(parameters.Steps));
        for (int i = 0; i < parameters.Steps; i++) Assert.That(schedule.Steps[i], Is.EqualTo(oracle.Step(i)), $"step {i}");
        Assert.That(schedule.AddsNoise, Is.EqualTo(parameters.Eta > 0));
    }

    [Test]
    public void Half_way_points_round_to_even()
    {
        // √ᾱ₀ = 1 − m·2⁻²⁵ for odd m lies between two binary32 numbers; β₀ = 1 − ᾱ₀ is a binary64.
        for (int m = 1023; m < 1123; m += 2)
        {
            double root = 1 - (m * Math.Pow(2, -25)), beta = 1 - (root * root);
            var betas = BetaSchedule.Linear(beta, beta, 1);
            float even = (float)root;
            Assert.That(BitConverter.SingleToUInt32Bits(even) & 1, Is.Zero);
            Assert.That(Schedule.Create(ScheduleParameters.Ddim(1, betas, PredictionKind.Velocity)).Steps[0].DataFromLatent, Is.EqualTo(even), $"√ᾱ, {m}");
            // The same number by way of σ = √(1/ᾱ − 1), which no fixed point holds exactly.
            Assert.That(Schedule.Create(ScheduleParameters.EulerDiscrete(1, betas)).Steps[0].InputScale, Is.EqualTo(even), $"1/√(σ² + 1), {m}");
        }
    }

    [Test]
    public void The_last_step_of_ancestral_DDIM_is_the_predicted_data()
    {
        ScheduleStep last = Schedule.Create(ScheduleParameters.Ddim(10, BetaSchedule.Linear(), eta: 1)).Steps[^1];
        Assert.That((last.FromLatent, last.FromData, last.FromOutput, last.FromNoise), Is.EqualTo((0f, 1f, 0f, 0f)));
    }

    [Test]
    public void Trailing_flow_levels_are_those_that_pipelines_pass()
    {
        Schedule schedule = Schedule.Create(ScheduleParameters.FlowMatchEuler(8, spacing: TimestepSpacing.Trailing));
        Assert.That(schedule.Steps.Select(s => (s.Timestep, s.FromOutput)), Is.EqualTo(Enumerable.Range(0, 8).Select(i => (1000f - (125 * i), -0.125f))));
    }

    [Test]
    public void One_digest_pins_every_bit()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ScheduleParameters parameters in Parameters().Append(ScheduleParameters.EulerDiscrete(1000, StableDiffusion, PredictionKind.Velocity)).Append(ScheduleParameters.Ddim(1000, BetaSchedule.Linear(), eta: 0.5)))
        {
            Schedule schedule = Schedule.Create(parameters);
            hash.AppendData(BitConverter.GetBytes(schedule.InitialNoiseScale));
            hash.AppendData(MemoryMarshal.AsBytes(schedule.Steps.AsSpan()));
        }
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo("368d08bd13044ee7804a77a5d3891d0931c3a19e8629c79843577f91c8a5be9d"));
    }
}
