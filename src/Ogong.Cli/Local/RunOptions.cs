using System.CommandLine;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Kernels;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Cli.Local;

/// <summary>The options of every command that runs a model, and what they open.</summary>
internal sealed class RunOptions
{
    public Option<string> Model { get; } = CommonOptions.Model();

    public Option<string> Device { get; } = CommonOptions.Device();

    public Option<int?> Threads { get; } = CommonOptions.Threads();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(Model);
        command.Options.Add(Device);
        command.Options.Add(Threads);
    }

    /// <summary>Opens the device the user named.</summary>
    /// <exception cref="BadInputException">It cannot be used; the message says why.</exception>
    public IBackend OpenDevice(CommandContext context) => OpenDevice(context, context.Get(Device), context.Get(Threads) ?? 0);

    /// <summary>Opens a device by name; what it takes its time for is noted on standard error.</summary>
    /// <exception cref="BadInputException">It cannot be used; the message says why.</exception>
    public static IBackend OpenDevice(CommandContext context, string name, int threads) =>
        Backends.TryCreate(name, out IBackend? backend, out string? reason, threads, text => context.Output.Note($"ogong: {text}"))
            ? backend : throw new BadInputException(reason);

    /// <summary>Opens the model the user named, a folder or a GGUF file.</summary>
    public StoredModel OpenModel(CommandContext context) => StoredModel.Open(context.Get(Model));

    /// <summary>The profile of a numeric mode, with the protocol's defaults.</summary>
    public static ProfileParameters Profile(NumericMode mode, StorageFormat kv = StorageFormat.F32) =>
        mode == NumericMode.Exact ? ProfileParameters.Exact(kv) : ProfileParameters.Fast(kvFormat: kv);
}
