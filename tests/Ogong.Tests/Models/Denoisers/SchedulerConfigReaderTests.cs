using System.Text;
using NUnit.Framework;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Tests.Models;

internal sealed class SchedulerConfigReaderTests
{
    private const string Flow = "FlowMatchEulerDiscreteScheduler", Euler = "EulerDiscreteScheduler", Ddim = "DDIMScheduler";

    [TestCase(Flow, "\"use_dynamic_shifting\":true", "use_dynamic_shifting is not supported")]
    [TestCase(Flow, "\"invert_sigmas\":true", "invert_sigmas is not supported")]
    [TestCase(Flow, "\"stochastic_sampling\":true", "stochastic_sampling is not supported")]
    [TestCase(Flow, "\"shift_terminal\":0.02", "shift_terminal is not supported")]
    [TestCase(Flow, "\"use_karras_sigmas\":true", "use_karras_sigmas is not supported by FlowMatchEulerDiscreteScheduler")]
    [TestCase(Flow, "\"timestep_spacing\":\"leading\"", "timestep_spacing 'leading' is not supported by FlowMatchEulerDiscreteScheduler")]
    [TestCase(Flow, "\"shift\":0", "shift is 0")]
    [TestCase(Flow, "\"shift\":1e400", "shift is")]
    [TestCase(Flow, "\"num_train_timesteps\":0", "num_train_timesteps is 0")]
    [TestCase(Flow, "\"num_train_timesteps\":100000", "num_train_timesteps is 100000")]
    [TestCase(Euler, "\"use_exponential_sigmas\":true", "use_exponential_sigmas is not supported")]
    [TestCase(Euler, "\"use_beta_sigmas\":true", "use_beta_sigmas is not supported")]
    [TestCase(Euler, "\"sigma_max\":14.6", "sigma_max is not supported")]
    [TestCase(Euler, "\"sigma_min\":0.03", "sigma_min is not supported")]
    [TestCase(Euler, "\"interpolation_type\":\"log_linear\"", "interpolation_type 'log_linear' is not supported; 'linear' is")]
    [TestCase(Euler, "\"timestep_type\":\"continuous\"", "timestep_type 'continuous' is not supported; 'discrete' is")]
    [TestCase(Euler, "\"final_sigmas_type\":\"sigma_min\"", "final_sigmas_type 'sigma_min' is not supported; 'zero' is")]
    [TestCase(Euler, "\"prediction_type\":\"sample\"", "prediction_type 'sample' is not supported")]
    [TestCase(Euler, "\"timestep_spacing\":\"random\"", "timestep_spacing 'random' is not supported")]
    [TestCase(Euler, "\"rescale_betas_zero_snr\":true", "rescale_betas_zero_snr is not supported")]
    [TestCase(Ddim, "\"thresholding\":true", "thresholding is not supported")]
    [TestCase(Ddim, "\"use_karras_sigmas\":true", "use_karras_sigmas is not supported by DDIMScheduler")]
    [TestCase(Ddim, "\"trained_betas\":[0.1]", "trained_betas is not supported")]
    [TestCase(Ddim, "\"beta_schedule\":\"sigmoid\"", "beta_schedule 'sigmoid' is not supported")]
    [TestCase(Ddim, "\"beta_start\":0", "beta_start is 0")]
    [TestCase(Ddim, "\"beta_end\":0.05", "beta_end or beta_start, times num_train_timesteps, is above 32")]
    [TestCase(Ddim, "\"steps_offset\":1000", "steps_offset is 1000")]
    [TestCase(Ddim, "\"clip_sample\":1", "clip_sample is not true or false")]
    [TestCase(Ddim, "\"clip_sample_range\":-1", "clip_sample_range is -1")]
    [TestCase(Ddim, "\"churn\":1", "'churn' is not known")]
    [TestCase("DPMSolverMultistepScheduler", "\"shift\":1", "_class_name 'DPMSolverMultistepScheduler' is not supported")]
    public void Refusals_name_the_key(string name, string member, string reason) =>
        Assert.That(Assert.Throws<ModelFormatException>(() => Read($$"""{"_class_name":"{{name}}",{{member}}}"""))!.Message, Does.StartWith("scheduler_config.json: ").And.Contain(reason));

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("""{"_class_name":7}""")]
    [TestCase("""{"_class_name":"DDIMScheduler","_class_name":"DDIMScheduler"}""")]
    public void Files_without_a_class_are_refused(string json) => Assert.Throws<ModelFormatException>(() => Read(json));

    [Test]
    public void Absent_keys_take_the_defaults_of_the_class()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Read($$"""{"_class_name":"{{Flow}}"}""").For(24), Is.EqualTo(ScheduleParameters.FlowMatchEuler(24)));
            Assert.That(Read($$"""{"_class_name":"{{Euler}}"}""").For(24), Is.EqualTo(ScheduleParameters.EulerDiscrete(24, BetaSchedule.Linear())));
            Assert.That(Read($$"""{"_class_name":"{{Ddim}}"}""").For(24, 0.5), Is.EqualTo(ScheduleParameters.Ddim(24, BetaSchedule.Linear(), clipRange: 1, eta: 0.5)));
        });
    }

    [Test]
    public void Configs_as_diffusers_writes_them_are_read()
    {
        // The members of published configs, those that decide nothing here among them.
        const string latent = "\"beta_end\":0.012,\"beta_schedule\":\"scaled_linear\",\"beta_start\":0.00085,\"clip_sample\":false,\"num_train_timesteps\":1000,\"sample_max_value\":1.0,\"set_alpha_to_one\":false,\"skip_prk_steps\":true,\"steps_offset\":1,\"trained_betas\":null,\"_diffusers_version\":\"0.19.0\"";
        BetaSchedule betas = BetaSchedule.ScaledLinear(0.00085, 0.012);
        Assert.Multiple(() =>
        {
            Assert.That(
                Read($$"""{"_class_name":"{{Flow}}","base_image_seq_len":256,"base_shift":0.5,"max_image_seq_len":4096,"max_shift":1.15,"shift":3.0,"time_shift_type":"exponential","shift_terminal":null}""").For(28),
                Is.EqualTo(ScheduleParameters.FlowMatchEuler(28, 3)));
            Assert.That(Read($$"""{"_class_name":"{{Flow}}","timestep_spacing":"trailing"}""").For(8), Is.EqualTo(ScheduleParameters.FlowMatchEuler(8, spacing: TimestepSpacing.Trailing)));
            Assert.That(
                Read($$"""{"_class_name":"{{Euler}}",{{latent}},"timestep_spacing":"leading","prediction_type":"v_prediction","use_karras_sigmas":true,"interpolation_type":"linear"}""").For(30),
                Is.EqualTo(ScheduleParameters.EulerDiscrete(30, betas, PredictionKind.Velocity, TimestepSpacing.Leading, 1, karrasSigmas: true)));
            // Only leading steps have an offset.
            Assert.That(Read($$"""{"_class_name":"{{Euler}}",{{latent}},"timestep_spacing":"trailing"}""").For(30), Is.EqualTo(ScheduleParameters.EulerDiscrete(30, betas, spacing: TimestepSpacing.Trailing)));
            Assert.That(
                Read($$"""{"_class_name":"{{Ddim}}",{{latent}},"variance_type":"learned_range"}""").For(50), Is.EqualTo(ScheduleParameters.Ddim(50, betas, stepsOffset: 1, alphaToOne: false)));
            Assert.That(Read($$"""{"_class_name":"{{Ddim}}","beta_schedule":"squaredcos_cap_v2","num_train_timesteps":100}""").For(5).Betas, Is.EqualTo(BetaSchedule.SquaredCosine(100)));
        });
    }

    [Test]
    public void Numbers_of_steps_that_do_not_fit_are_the_callers_mistake()
    {
        SchedulerConfig config = Read($$"""{"_class_name":"{{Ddim}}","num_train_timesteps":100,"steps_offset":1}""");
        Assert.Throws<ArgumentException>(() => config.For(101));
        Assert.Throws<ArgumentException>(() => config.For(100), "the offset leads past the last timestep");
        Assert.That(config.For(50).StepsOffset, Is.EqualTo(1));
        Assert.That(config.Kind, Is.EqualTo(SchedulerKind.Ddim));
    }

    private static SchedulerConfig Read(string json) => SchedulerConfigReader.Parse(Encoding.UTF8.GetBytes(json), "scheduler_config.json");
}
