using System.CommandLine;
using System.Globalization;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Cli.Diffusion;

/// <summary>How a latent is made: scheduler, steps, seed, guidance, stride, mode.</summary>
internal sealed class DiffusionOptions
{
    /// <summary>Guidance where the user does not say: the shipped model draws legibly with it.</summary>
    public const float DefaultGuidance = 2;

    /// <summary>Steps where the user does not say.</summary>
    public const int DefaultSteps = 24;

    private readonly Option<int?> _steps = CommonOptions.Number("--steps", "N", $"Denoising steps (default {DefaultSteps}).", 1, ScheduleParameters.MaxSteps);
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of the noise (default 0).", HelpName = "S" };
    private readonly Option<float?> _guidance = new("--guidance") { Description = $"Scale of classifier-free guidance; 1 is none and takes half the time (default {DefaultGuidance}).", HelpName = "G" };
    private readonly Option<string?> _scheduler = new("--scheduler") { Description = "A scheduler_config.json to use instead of the model's.", HelpName = "FILE" };
    private readonly Option<double> _eta = new("--eta") { Description = "DDIM: share of fresh noise, from 0 to 1 (default 0).", HelpName = "X" };
    private readonly Option<int?> _stride = CommonOptions.Number("--stride", "N", "Steps from one committed latent to the next (default 1).", 1, ScheduleParameters.MaxSteps);
    private readonly Option<NumericMode> _mode = CommonOptions.Mode();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_steps, _seed, _guidance, _scheduler, _eta, _stride, _mode]) command.Options.Add(option);
    }

    /// <exception cref="BadInputException">A value is out of its range.</exception>
    public DiffusionRequest Read(CommandContext context, DenoiserDirectory model)
    {
        float guidance = context.Get(_guidance) ?? DefaultGuidance;
        if (!float.IsFinite(guidance) || float.IsNegative(guidance)) throw new BadInputException("--guidance is 0 or more.");
        int steps = context.Get(_steps) ?? DefaultSteps, stride = context.Get(_stride) ?? 1;
        if (stride > steps) throw new BadInputException($"a stride of {stride} exceeds the {steps} steps.");
        SchedulerConfig scheduler = context.Get(_scheduler) is { } file ? SchedulerConfigReader.Parse(BoundedFile.Read(file, SchedulerConfigReader.MaxBytes), file) : model.Scheduler;
        try
        {
            return new DiffusionRequest(scheduler.For(steps, context.Get(_eta)), context.Get(_seed), guidance, stride, context.Get(_mode));
        }
        catch (ArgumentException)
        {
            throw new BadInputException(string.Create(
                CultureInfo.InvariantCulture, $"{scheduler.Kind} does not make {steps} steps of {scheduler.For(1).TrainTimesteps} timesteps with --eta {context.Get(_eta)} (0, or to 1 with DDIM)."));
        }
    }
}
