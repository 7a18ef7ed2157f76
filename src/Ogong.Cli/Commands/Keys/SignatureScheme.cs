using System.CommandLine;

namespace Ogong.Cli.Commands.Keys;

/// <summary>Both schemes, or one half alone for other tools.</summary>
internal enum SignatureScheme
{
    Hybrid,
    Ed25519,
    MLDsa44,
}

/// <summary>The option <c>--scheme</c>.</summary>
internal static class SchemeOption
{
    private static readonly Dictionary<string, SignatureScheme> Names = new(StringComparer.Ordinal)
    {
        ["hybrid"] = SignatureScheme.Hybrid,
        ["ed25519"] = SignatureScheme.Ed25519,
        ["ml-dsa-44"] = SignatureScheme.MLDsa44,
    };

    public static Option<string> Create()
    {
        var option = new Option<string>("--scheme")
        {
            Description = "hybrid, or one half alone as a plain signature of the file: ed25519, or ml-dsa-44 with an empty context.",
            DefaultValueFactory = _ => "hybrid",
        };
        option.AcceptOnlyFromAmong([.. Names.Keys]);
        return option;
    }

    public static SignatureScheme Read(CommandContext context, Option<string> option) => Names[context.Get(option)];
}
