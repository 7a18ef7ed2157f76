using System.CommandLine;
using Ogong.Compute;

namespace Ogong.Cli;

/// <summary>What a command runs with.</summary>
/// <param name="Parsed">Values of its options and arguments.</param>
/// <param name="Output">Where its results go.</param>
internal sealed record CommandContext(ParseResult Parsed, Output Output)
{
    /// <summary>Value of an option that is required or has a default.</summary>
    public T Get<T>(Option<T> option) => Parsed.GetValue(option)!;

    /// <summary>Value of an argument.</summary>
    public T Get<T>(Argument<T> argument) => Parsed.GetValue(argument)!;

    /// <summary>Whether the user gave the option.</summary>
    public bool Has(Option option) => Parsed.GetResult(option) is { Implicit: false };
}

/// <summary>Gives commands their action, <c>--json</c>, and one mapping from failures to exit codes.</summary>
internal static class CommandHandling
{
    /// <summary>
    /// Adds <c>--json</c> and runs <paramref name="handler"/>, whose result is the exit code. Bad input becomes one line on standard error
    /// and <see cref="ExitCode.BadInput"/>.
    /// </summary>
    public static Command Handle(this Command command, Func<CommandContext, CancellationToken, Task<int>> handler)
    {
        Option<bool> json = CommonOptions.Json();
        command.Options.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            try
            {
                return await handler(new CommandContext(parsed, new Output(parsed.InvocationConfiguration.Output, error, parsed.GetValue(json))), cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                error.WriteLine("ogong: interrupted");
                return ExitCode.Cancelled;
            }
            catch (Exception e) when (IsBadInput(e))
            {
                error.WriteLine($"ogong: {OneLine(e.Message)}");
                return ExitCode.BadInput;
            }
            catch (Exception e)
            {
                error.WriteLine($"ogong: internal error; please report it.\n{e}");
                return ExitCode.Internal;
            }
        });
        return command;
    }

    /// <summary>As the other overload, for a handler that does not wait.</summary>
    public static Command Handle(this Command command, Func<CommandContext, CancellationToken, int> handler)
        => command.Handle((context, cancellationToken) => Task.FromResult(handler(context, cancellationToken)));

    /// <summary>
    /// Failures the user can mend: unusable options, malformed or hostile files (all <see cref="FormatException"/>s), files that are
    /// missing or not ours to read, weights that make infinities, a device without memory. Misuse inside this program is an
    /// <see cref="ArgumentException"/> and not among them.
    /// </summary>
    private static bool IsBadInput(Exception e)
        => e is BadInputException or FormatException or IOException or UnauthorizedAccessException or NonFiniteException or OutOfMemoryException;

    private static string OneLine(string message) => Output.Visible(message.ReplaceLineEndings(" "));
}
