using System.CommandLine;
using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Cli.Local;

/// <summary>The options of <c>audit</c> that say what is replayed and by which randomness.</summary>
internal sealed class AuditOptions
{
    private readonly Option<int?> _segment = CommonOptions.Number("--segment", "I", "Audit only this segment, from the inputs the file opens (default: the whole reply).", 0, Protocol.MaxSegments - 1);
    private readonly Option<int?> _steps = CommonOptions.Number("--steps", "K", $"Of a diffusion trajectory, replay K drawn steps and the last one (default {DefaultSteps}).", 0, 1 << 12);
    private readonly Option<Digest?> _beacon = new("--beacon")
    {
        Description = "Public randomness that draws the steps and the layers of the work proofs (default: drawn here).",
        HelpName = "HEX",
        CustomParser = static result => Digest.TryParse(result.Tokens[0].Value, out Digest digest)
            ? digest
            : CommonOptions.Refuse<Digest?>(result, "--beacon is 64 hexadecimal digits."),
    };
    private readonly Option<string?> _drand = new("--drand") { Description = "A round of drand's quicknet or default network, as its HTTP interface serves it, to take the randomness from.", HelpName = "FILE" };

    /// <summary>Steps drawn where the user does not say: half-hearted work (half of the steps wrong) is caught with 94 %.</summary>
    public const int DefaultSteps = 4;

    public void AddTo(Command command)
    {
        command.Options.Add(_segment);
        command.Options.Add(_steps);
        command.Options.Add(_beacon);
        command.Options.Add(_drand);
    }

    /// <summary>The one segment to audit; null for the whole reply.</summary>
    /// <param name="context">The command line.</param>
    /// <param name="segments">Segments of the reply.</param>
    /// <exception cref="BadInputException">The reply has no such segment.</exception>
    public int? Segment(CommandContext context, int segments)
    {
        int? segment = context.Get(_segment);
        return segment >= segments ? throw new BadInputException($"the reply has {segments} segments, counted from 0.") : segment;
    }

    /// <summary>Denoising steps to draw; null where not given.</summary>
    public int? Steps(CommandContext context) => context.Get(_steps);

    /// <summary>The randomness of the audit of a reply.</summary>
    /// <param name="context">The command line.</param>
    /// <param name="finished">When the reply was finished: a round of drand must be later.</param>
    /// <exception cref="BadInputException">It cannot be used.</exception>
    public Digest Randomness(CommandContext context, long finished)
    {
        (Digest? given, string? file) = (context.Get(_beacon), context.Get(_drand));
        if (given is not null && file is not null) throw new BadInputException("--beacon and --drand exclude each other.");
        return file is not null ? DrandRoundFile.Read(file, finished).Value : given ?? LocalConsumer.FreshDigest();
    }
}
