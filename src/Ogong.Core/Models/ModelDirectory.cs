using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// A model folder as Hugging Face lays it out: <c>config.json</c>, optionally <c>generation_config.json</c> and <c>tokenizer.json</c> (or <c>tokenizer.gguf</c>), and
/// <c>model.safetensors</c> or its shards. Files are memory-mapped: opening reads headers only, and reading a tensor loads only its pages,
/// so a segment costs its own layers. The files must not change while open. Thread-safe, but dispose only when no tensor is in use.
/// </summary>
public sealed class ModelDirectory : StoredModel
{
    private readonly SafetensorsSet _tensors;

    private ModelDirectory(string path, ModelConfig config, GenerationDefaults generation, SafetensorsSet tensors)
        : base(path, config)
    {
        (Generation, _tensors) = (generation, tensors);
        ExtraTensors = CheckTensors();
    }

    /// <summary>What <c>generation_config.json</c> suggests; empty where there is none.</summary>
    public override GenerationDefaults Generation { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ExtraTensors { get; }

    /// <summary>
    /// Opens a model folder and checks that every tensor its config demands is there with a fitting shape and a supported type.
    /// </summary>
    /// <exception cref="ModelFormatException">A file is missing, malformed, or asks for something unsupported; the message names
    /// it.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static new ModelDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string folder = Path.GetFullPath(path);
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        string configFile = Path.Combine(folder, "config.json"), generationFile = Path.Combine(folder, "generation_config.json");
        if (!File.Exists(configFile)) throw new ModelFormatException(configFile, "The file is missing.");
        ModelConfig config = ConfigReader.Parse(BoundedFile.Read(configFile, ConfigReader.MaxBytes), configFile);
        var generation = new GenerationDefaults();
        if (File.Exists(generationFile))
            (generation, config) = GenerationConfigReader.Parse(BoundedFile.Read(generationFile, ConfigReader.MaxBytes), config, generationFile);
        config = config with { Tokenizer = TokenizerIdentity.Of(folder, config.VocabularySize) };
        SafetensorsSet tensors = SafetensorsSet.Open(folder);
        try
        {
            return new ModelDirectory(folder, config, generation, tensors);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool Contains(string name) => _tensors.Contains(name);

    /// <inheritdoc/>
    /// <exception cref="ModelFormatException">It is an extra tensor of an unsupported type or rank.</exception>
    public override ITensorSource Tensor(string name) => _tensors.Tensor(name);

    /// <inheritdoc/>
    public override Tokenizer? OpenTokenizer() => Config.Tokenizer.Kind switch
    {
        TokenizerKind.Bytes => Tokenizer.Bytes,
        TokenizerKind.File => TokenizerJson.Open(FullPath, Config.Tokenizer.Sha256),
        TokenizerKind.Gguf => GgufTokenizer.Open(GgufTokenizerFile.Open(FullPath, Config.Tokenizer), TokenizerKind.Gguf, GgufTokenizerFile.PathIn(FullPath)),
        _ => null,
    };

    private protected override StoredTensor Stored(string name) => _tensors.Tensor(name);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _tensors.Dispose();
    }

    private List<string> CheckTensors()
    {
        var demanded = new HashSet<string>(StringComparer.Ordinal);
        foreach (TensorSpec spec in TensorNames.All(Config)) Check(spec, demanded);
        return [.. _tensors.Names.Where(name => !demanded.Contains(name) && !IsHarmless(name)).Order(StringComparer.Ordinal)];
    }

    private void Check(TensorSpec spec, HashSet<string> demanded)
    {
        demanded.Add(spec.Name);
        if (spec.IsVector) _tensors.Check(spec.Name, FullPath, spec.Columns);
        else _tensors.Check(spec.Name, FullPath, spec.Rows, spec.Columns);
    }

    private bool IsHarmless(string name)
        => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (Config.TiedEmbeddings && name == TensorNames.LmHead);
}
