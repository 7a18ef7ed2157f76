using System.Globalization;
using Ogong.Diffusion;

namespace Ogong.Models;

/// <summary>
/// Reads diffusers' <c>scheduler_config.json</c> of the three supported classes. Absent keys take the class's default; what would change the steps and is not supported is refused by name, and so is a
/// key that no supported class of diffusers knows. Keys that belong to another class or only to a refused option are not read. Total on hostile bytes.
/// </summary>
internal static class SchedulerConfigReader
{
    /// <summary>Largest config read.</summary>
    public const int MaxBytes = 1 << 16;

    /// <summary>Keys that may only be false or absent.</summary>
    private static readonly string[] s_false =
    [
        "use_dynamic_shifting", "invert_sigmas", "stochastic_sampling", "use_exponential_sigmas", "use_beta_sigmas", "rescale_betas_zero_snr", "thresholding",
    ];

    /// <summary>Keys that may only be null or absent.</summary>
    private static readonly string[] s_null = ["shift_terminal", "trained_betas", "sigma_min", "sigma_max"];

    /// <summary>
    /// Keys that decide nothing here: parameters of refused options, and of samplers that draw a variance (<c>variance_type</c>), which diffusers copies from one class's config to another's.
    /// </summary>
    private static readonly string[] s_inert =
    [
        "base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len", "time_shift_type", "dynamic_thresholding_ratio", "sample_max_value", "skip_prk_steps", "variance_type",
    ];

    /// <summary>Keys that are read, by every class or by some.</summary>
    private static readonly string[] s_read =
    [
        "num_train_timesteps", "shift", "beta_start", "beta_end", "beta_schedule", "prediction_type", "timestep_spacing", "steps_offset", "use_karras_sigmas",
        "interpolation_type", "timestep_type", "final_sigmas_type", "clip_sample", "clip_sample_range", "set_alpha_to_one",
    ];

    public static SchedulerConfig Parse(ReadOnlyMemory<byte> json, string file) => JsonFields.Parse(json, file, config => new SchedulerConfig(Read(config)));

    private static ScheduleParameters Read(JsonFields config)
    {
        string name = config.String("_class_name") ?? throw config.Refuse("_class_name", "is missing.");
        RefuseUnsupported(config);
        int timesteps = config.Int("num_train_timesteps", 1, BetaSchedule.MaxTimesteps) ?? 1000;
        switch (name)
        {
            case "FlowMatchEulerDiscreteScheduler":
                return ReadFlow(config, timesteps);
            case "EulerDiscreteScheduler":
                Only(config, "interpolation_type", "linear");
                Only(config, "timestep_type", "discrete");
                Only(config, "final_sigmas_type", "zero");
                (TimestepSpacing spacing, int offset) = ReadSpacing(config, TimestepSpacing.Linspace, timesteps);
                return ScheduleParameters.EulerDiscrete(1, ReadBetas(config, timesteps), ReadPrediction(config), spacing, offset, config.Bool("use_karras_sigmas", absent: false));
            case "DDIMScheduler":
                if (config.Bool("use_karras_sigmas", absent: false)) throw config.Refuse("use_karras_sigmas", $"is not supported by {name}.");
                (spacing, offset) = ReadSpacing(config, TimestepSpacing.Leading, timesteps);
                double range = config.Double("clip_sample_range", ScheduleParameters.MinClip, ScheduleParameters.MaxClip) ?? 1;
                return ScheduleParameters.Ddim(
                    1, ReadBetas(config, timesteps), ReadPrediction(config), spacing, offset, config.Bool("set_alpha_to_one", absent: true), config.Bool("clip_sample", absent: true) ? range : null);
            default:
                throw config.Refuse("_class_name",
                    $"{ModelFormatException.Quote(name)} is not supported; FlowMatchEulerDiscreteScheduler, EulerDiscreteScheduler and DDIMScheduler are.");
        }
    }

    private static void RefuseUnsupported(JsonFields config)
    {
        foreach (string key in s_false)
            if (config.Bool(key, absent: false)) throw config.Refuse(key, "is not supported.");
        foreach (string key in s_null)
            if (config.Sets(key)) throw config.Refuse(key, "is not supported.");
        foreach (string key in config.Keys)
        {
            // diffusers writes what is not a parameter, such as its version, with an underscore.
            bool known = key.StartsWith('_') || s_read.Contains(key) || s_false.Contains(key) || s_null.Contains(key) || s_inert.Contains(key);
            if (!known) throw config.Refuse(ModelFormatException.Quote(key), "is not known.");
        }
    }

    // timestep_spacing is no key of this class in diffusers: here "trailing" stands for the sigmas that pipelines pass.
    private static ScheduleParameters ReadFlow(JsonFields config, int timesteps)
    {
        if (config.Bool("use_karras_sigmas", absent: false)) throw config.Refuse("use_karras_sigmas", "is not supported by FlowMatchEulerDiscreteScheduler.");
        (TimestepSpacing spacing, _) = ReadSpacing(config, TimestepSpacing.Linspace, timesteps);
        if (spacing == TimestepSpacing.Leading) throw config.Refuse("timestep_spacing", "'leading' is not supported by FlowMatchEulerDiscreteScheduler.");
        return ScheduleParameters.FlowMatchEuler(1, config.Double("shift", ScheduleParameters.MinShift, ScheduleParameters.MaxShift) ?? 1, timesteps, spacing);
    }

    private static (TimestepSpacing Spacing, int Offset) ReadSpacing(JsonFields config, TimestepSpacing absent, int timesteps)
    {
        TimestepSpacing spacing = config.String("timestep_spacing") switch
        {
            null => absent,
            "linspace" => TimestepSpacing.Linspace,
            "leading" => TimestepSpacing.Leading,
            "trailing" => TimestepSpacing.Trailing,
            string other => throw config.Refuse("timestep_spacing", $"{ModelFormatException.Quote(other)} is not supported; 'linspace', 'leading' and 'trailing' are."),
        };
        int offset = config.Int("steps_offset", 0, timesteps - 1) ?? 0;
        return (spacing, spacing == TimestepSpacing.Leading ? offset : 0);
    }

    private static PredictionKind ReadPrediction(JsonFields config) => config.String("prediction_type") switch
    {
        null or "epsilon" => PredictionKind.Epsilon,
        "v_prediction" => PredictionKind.Velocity,
        string other => throw config.Refuse("prediction_type", $"{ModelFormatException.Quote(other)} is not supported; 'epsilon' and 'v_prediction' are."),
    };

    private static BetaSchedule ReadBetas(JsonFields config, int timesteps)
    {
        string kind = config.String("beta_schedule") ?? "linear";
        if (kind == "squaredcos_cap_v2") return BetaSchedule.SquaredCosine(timesteps);
        if (kind is not ("linear" or "scaled_linear"))
            throw config.Refuse("beta_schedule", $"{ModelFormatException.Quote(kind)} is not supported; 'linear', 'scaled_linear' and 'squaredcos_cap_v2' are.");
        double start = config.Double("beta_start", BetaSchedule.MinBeta, BetaSchedule.MaxBeta) ?? 0.0001, end = config.Double("beta_end", BetaSchedule.MinBeta, BetaSchedule.MaxBeta) ?? 0.02;
        if (timesteps * Math.Max(start, end) > BetaSchedule.MaxTotal)
            throw config.Refuse("beta_end", string.Create(CultureInfo.InvariantCulture, $"or beta_start, times num_train_timesteps, is above {BetaSchedule.MaxTotal:R}."));
        return kind == "linear" ? BetaSchedule.Linear(start, end, timesteps) : BetaSchedule.ScaledLinear(start, end, timesteps);
    }

    private static void Only(JsonFields config, string key, string supported)
    {
        if (config.String(key) is { } value && value != supported) throw config.Refuse(key, $"{ModelFormatException.Quote(value)} is not supported; '{supported}' is.");
    }
}
