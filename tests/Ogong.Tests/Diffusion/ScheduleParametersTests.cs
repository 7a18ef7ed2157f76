using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Tests.Records;

namespace Ogong.Tests.Diffusion;

internal sealed class ScheduleParametersTests
{
    private static readonly BetaSchedule Betas = BetaSchedule.ScaledLinear(0.00085, 0.012);

    private static IEnumerable<TestCaseData> Encodings()
    {
        yield return new TestCaseData(ScheduleParameters.FlowMatchEuler(24, 3), "01 18000000 01 01 E8030000 0000000000000840");
        yield return new TestCaseData(
            ScheduleParameters.EulerDiscrete(10, Betas, PredictionKind.Velocity, TimestepSpacing.Leading, 1, true), "02 0A000000 03 02 01000000 02 E8030000 5F07CE1951DA4B3F FA7E6ABC7493883F 01");
        yield return new TestCaseData(
            ScheduleParameters.Ddim(50, BetaSchedule.SquaredCosine(), clipRange: 1, eta: 0.5), "03 32000000 02 02 00000000 03 E8030000 01 01 000000000000F03F 000000000000E03F");
        yield return new TestCaseData(ScheduleParameters.Ddim(50, BetaSchedule.SquaredCosine(), alphaToOne: false), "03 32000000 02 02 00000000 03 E8030000 00 00 0000000000000000");
    }

    [TestCaseSource(nameof(Encodings))]
    public void Encodings_are_as_documented_and_read_back(ScheduleParameters parameters, string hex)
    {
        Assert.That(Convert.ToHexString(parameters.Encode()), Is.EqualTo(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.That(Canonical.Decode<ScheduleParameters>(parameters.Encode()).Value, Is.EqualTo(parameters));
    }

    [Test]
    public void Mutated_bytes_give_a_typed_failure_or_the_one_value_they_encode()
    {
        byte[][] valid = [.. Encodings().Select(data => ((ScheduleParameters)data.Arguments[0]!).Encode())];
        int accepted = 0, created = 0;
        for (int kind = 0; kind < valid.Length; kind++)
        {
            var mutator = new Mutator(valid[kind], kind);
            for (int i = 0; i < 25_000; i++)
            {
                byte[] bytes = mutator.Next();
                DecodeResult<ScheduleParameters> result = Canonical.Decode<ScheduleParameters>(bytes);
                if (!result.TryGet(out ScheduleParameters? parameters))
                {
                    Assert.That(result.Failure.Error, Is.Not.EqualTo(DecodeError.None));
                    continue;
                }
                Assert.That(parameters.Encode(), Is.EqualTo(bytes));
                // What is accepted has a schedule of finite numbers; few are computed, because they take milliseconds.
                if (accepted++ % 300 != 0) continue;
                created++;
                Assert.That(Schedule.Create(parameters).Steps.All(s => float.IsFinite(s.Timestep + s.InputScale + s.DataFromLatent + s.DataFromOutput + s.FromLatent + s.FromData + s.FromOutput + s.FromNoise)));
            }
        }
        Assert.That((accepted > 1000, created > 5), Is.EqualTo((true, true)), $"{accepted} accepted");
    }

    [Test]
    public void Values_out_of_range_are_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentException>(() => ScheduleParameters.FlowMatchEuler(0));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.FlowMatchEuler(ScheduleParameters.MaxSteps + 1));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.FlowMatchEuler(4, double.NaN));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.FlowMatchEuler(4, 0));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.FlowMatchEuler(4, trainTimesteps: BetaSchedule.MaxTimesteps + 1));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.FlowMatchEuler(4, spacing: TimestepSpacing.Leading));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.FlowMatchEuler(4).With(4, 0.5));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.EulerDiscrete(4, Betas, PredictionKind.Flow));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.EulerDiscrete(1001, Betas));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.EulerDiscrete(4, Betas, stepsOffset: 1), "linspace has no offset");
            Assert.Throws<ArgumentException>(() => ScheduleParameters.EulerDiscrete(4, Betas, spacing: TimestepSpacing.Leading, stepsOffset: 250), "3·250 + 250 is no timestep");
            Assert.Throws<ArgumentException>(() => ScheduleParameters.Ddim(4, Betas, eta: 1.1));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.Ddim(4, Betas, eta: -0.0));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.Ddim(4, Betas, clipRange: 0));
            Assert.Throws<ArgumentException>(() => ScheduleParameters.Ddim(4, Betas, spacing: (TimestepSpacing)9));
            Assert.Throws<ArgumentException>(() => BetaSchedule.Linear(0, 0.02));
            Assert.Throws<ArgumentException>(() => BetaSchedule.Linear(0.1, double.NaN));
            Assert.Throws<ArgumentException>(() => BetaSchedule.Linear(0.0001, 0.04), "1000·0.04 is above 32");
            Assert.Throws<ArgumentException>(() => BetaSchedule.SquaredCosine(0));
        });
    }

    [Test]
    public void With_changes_steps_and_share_alone()
    {
        ScheduleParameters ten = ScheduleParameters.Ddim(10, Betas, stepsOffset: 1, alphaToOne: false);
        Assert.That(ten.With(20, 0.5), Is.EqualTo(ScheduleParameters.Ddim(20, Betas, stepsOffset: 1, alphaToOne: false, eta: 0.5)));
    }
}
