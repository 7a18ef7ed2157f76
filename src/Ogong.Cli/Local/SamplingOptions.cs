using System.CommandLine;
using Ogong.Records;

namespace Ogong.Cli.Local;

/// <summary>How tokens are chosen: greedy unless something about sampling is asked for.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<ulong?> _seed = new("--seed") { Description = "Seed of the sampling noise (default 0).", HelpName = "S" };
    private readonly Option<float?> _temperature = new("--temperature")
    {
        Description = "Sampling temperature; 0 is greedy (default 0, or 1 if --seed, --top-k or --top-p is given).",
        HelpName = "X",
    };
    private readonly Option<int?> _topK = CommonOptions.Number("--top-k", "K", "Keep the K likeliest tokens.", 1, int.MaxValue);
    private readonly Option<double?> _topP = new("--top-p") { Description = "Keep the likeliest tokens up to this share, over 0 and at most 1.", HelpName = "P" };

    public void AddTo(Command command)
    {
        command.Options.Add(_seed);
        command.Options.Add(_temperature);
        command.Options.Add(_topK);
        command.Options.Add(_topP);
    }

    /// <exception cref="BadInputException">A value is out of its range.</exception>
    public SamplingParameters Read(CommandContext context)
    {
        (ulong? seed, int? topK, double? topP) = (context.Get(_seed), context.Get(_topK), context.Get(_topP));
        float temperature = context.Get(_temperature) ?? (seed is null && topK is null && topP is null ? 0 : 1);
        try
        {
            return SamplingParameters.Create(seed ?? 0, temperature, topK ?? 0, topP ?? 1);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new BadInputException(e.Message);
        }
    }
}
