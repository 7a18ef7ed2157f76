using System.CommandLine;
using System.CommandLine.Parsing;
using Ogong.Compute;

namespace Ogong.Cli;

/// <summary>
/// Options that several commands have, each meaning the same everywhere. Every call makes a new option, to be added to one command.
/// </summary>
internal static class CommonOptions
{
    private const int MaxThreads = 1024;

    public static Option<bool> Json() => new("--json") { Description = "Write one JSON object for programs to standard output." };

    public static Option<string> Model()
        => new("--model") { Description = "Model: a folder with config.json and safetensors, or a GGUF file.", HelpName = "PATH", Required = true };

    /// <summary>A model named as an argument.</summary>
    public static Argument<string> ModelPath() => new("PATH") { Description = "Model: a folder with config.json and safetensors, or a GGUF file." };

    public static Option<string> Device(string fallback = "cpu") => new("--device")
    {
        Description = "Device to compute on; 'ogong doctor' lists them.",
        HelpName = "NAME",
        DefaultValueFactory = _ => fallback,
    };

    public static Option<NumericMode> Mode() => new("--mode")
    {
        Description = "exact: the same bits everywhere. fast: reduced precision, audited by tolerance.",
        HelpName = "exact|fast",
        DefaultValueFactory = _ => NumericMode.Exact,
        CustomParser = static result => result.Tokens[0].Value switch
        {
            "exact" => NumericMode.Exact,
            "fast" => NumericMode.Fast,
            var other => Refuse<NumericMode>(result, $"--mode is exact or fast, not '{other}'."),
        },
    };

    /// <summary>Worker threads; null leaves the choice to the device.</summary>
    public static Option<int?> Threads() => Number("--threads", "T", "Worker threads (default: one per core).", 1, MaxThreads);

    /// <summary>Segments to split the layers into; null where not given.</summary>
    public static Option<int?> Segments() => Number("--segments", "K", "Split the layers into this many segments.", 1, 4096);

    /// <summary>A prompt as text, for models with a tokenizer.</summary>
    public static Option<string?> Prompt() => new("--prompt") { Description = "Prompt as text, special tokens spelt out.", HelpName = "TEXT" };

    /// <summary>Token ids. An absent list reads as an empty one: ask <see cref="CommandContext.Has"/>.</summary>
    public static Option<int[]?> Tokens() => new("--tokens")
    {
        Description = "Token ids, as 1,2,3 or @FILE with the same.",
        HelpName = "LIST",
        CustomParser = static result =>
        {
            try
            {
                return TokenList.Parse(result.Tokens[0].Value);
            }
            catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException)
            {
                return Refuse<int[]?>(result, $"--tokens: {e.Message}");
            }
        },
    };

    public static Option<bool> NoCache()
        => new("--no-cache") { Description = "Hash every tensor anew instead of trusting hashes cached for unchanged files." };

    /// <summary>Width of a benchmark's synthetic model, which has heads of 64 in groups of four; null where not given.</summary>
    public static Option<int?> Hidden(int fallback)
    {
        Option<int?> hidden = Number("--hidden", "N", $"Its width, a multiple of 256 (default {fallback}).", 256, 1 << 16);
        hidden.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int?>() % 256 is not (null or 0)) result.AddError("--hidden is a multiple of 256.");
        });
        return hidden;
    }

    /// <summary>An integer option with a range; null where not given.</summary>
    public static Option<int?> Number(string name, string helpName, string description, int least, int most) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => int.TryParse(result.Tokens[0].Value, out int value) && value >= least && value <= most
            ? value
            : Refuse<int?>(result, $"{name} is a whole number from {least} to {most}, not '{result.Tokens[0].Value}'."),
    };

    /// <summary>Reports that a value cannot be used.</summary>
    public static T Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
