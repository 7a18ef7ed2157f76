using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// A diffusion model's folder as diffusers lays it out: <c>transformer/config.json</c>, <c>transformer/diffusion_pytorch_model.safetensors</c> or its shards, and <c>scheduler/scheduler_config.json</c>.
/// Files are memory-mapped: opening reads headers only, so a segment costs its own layers. The files must not change while open. Thread-safe, but dispose only when no tensor is in use.
/// </summary>
public sealed class DenoiserDirectory : IDenoiserWeights, IStoredTensors, IDisposable
{
    private readonly SafetensorsSet _tensors;
    private readonly string _folder;

    private DenoiserDirectory(string path, string folder, DenoiserConfig config, SchedulerConfig scheduler, SafetensorsSet tensors)
    {
        (DirectoryPath, _folder, Config, Scheduler, _tensors) = (path, folder, config, scheduler, tensors);
        ExtraTensors = CheckTensors();
    }

    /// <summary>The model's folder, as an absolute path.</summary>
    public string DirectoryPath { get; }

    /// <summary>The scheduler the model is meant for. A suggestion, not bound by the model's root: an order states its schedule.</summary>
    public SchedulerConfig Scheduler { get; }

    /// <inheritdoc/>
    public DenoiserConfig Config { get; }

    /// <summary>Names of tensors that the config does not ask for, ascending. They are not used and not bound by the model's root. A stored position embedding, which is computed, is left out.</summary>
    public IReadOnlyList<string> ExtraTensors { get; }

    /// <summary>Whether a folder looks like a diffusion model's: it has a <c>transformer/config.json</c>.</summary>
    public static bool IsDenoiser(string path) => File.Exists(ConfigFile(path));

    /// <summary>Opens a model folder and checks that every tensor its config demands is there with a fitting shape and a supported type.</summary>
    /// <exception cref="ModelFormatException">A file is missing, malformed, or asks for something unsupported; the message names it.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static DenoiserDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string root = Path.GetFullPath(path), configFile = ConfigFile(root), folder = Path.GetDirectoryName(configFile)!;
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"There is no folder '{root}'.");
        DenoiserConfig config = DenoiserConfigReader.Parse(Read(configFile, ConfigReader.MaxBytes), configFile);
        string schedulerFile = Path.Combine(root, "scheduler", "scheduler_config.json");
        SchedulerConfig scheduler = SchedulerConfigReader.Parse(Read(schedulerFile, SchedulerConfigReader.MaxBytes), schedulerFile);
        SafetensorsSet tensors = SafetensorsSet.Open(folder, "diffusion_pytorch_model");
        try
        {
            return new DenoiserDirectory(root, folder, config, scheduler, tensors);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Contains(string name) => _tensors.Contains(name);

    /// <inheritdoc/>
    /// <exception cref="ModelFormatException">It is an extra tensor of an unsupported type or rank.</exception>
    public ITensorSource Tensor(string name) => _tensors.Tensor(name);

    /// <summary>Unmaps the files; spans read from tensors become invalid.</summary>
    public void Dispose() => _tensors.Dispose();

    StoredTensor IStoredTensors.Stored(string name) => _tensors.Tensor(name);

    private static string ConfigFile(string root) => Path.Combine(root, "transformer", "config.json");

    private static byte[] Read(string file, int most) => File.Exists(file) ? BoundedFile.Read(file, most) : throw new ModelFormatException(file, "The file is missing.");

    private List<string> CheckTensors()
    {
        var demanded = new HashSet<string>(StringComparer.Ordinal);
        foreach (TensorSpec spec in DenoiserTensors.EmbeddingTensors(Config)) Check(spec, demanded);
        for (int layer = 0; layer < Config.Layers; layer++)
            foreach (TensorSpec spec in DenoiserTensors.LayerTensors(Config, layer)) Check(spec, demanded);
        foreach (TensorSpec spec in DenoiserTensors.HeadTensors(Config)) Check(spec, demanded);
        return [.. _tensors.Names.Where(name => !demanded.Contains(name) && name != "pos_embed.pos_embed").Order(StringComparer.Ordinal)];
    }

    private void Check(TensorSpec spec, HashSet<string> demanded)
    {
        demanded.Add(spec.Name);
        if (spec.Name == DenoiserTensors.PatchProjection) _tensors.Check(spec.Name, _folder, [Config.Width, Config.Shape.Channels, .. Config.Patch]);
        else if (spec.IsVector) _tensors.Check(spec.Name, _folder, spec.Columns);
        else _tensors.Check(spec.Name, _folder, spec.Rows, spec.Columns);
    }
}
