using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// A text model in files: a Hugging Face folder (<see cref="ModelDirectory"/>) or a GGUF file (<see cref="GgufModel"/>). Files are
/// memory-mapped and must not change while open. Thread-safe, but dispose only when no tensor is in use.
/// </summary>
public abstract class StoredModel : IModelWeights, IStoredTensors, IDisposable
{
    private protected StoredModel(string path, ModelConfig config) => (FullPath, Config) = (path, config);

    /// <summary>The folder or file, as an absolute path.</summary>
    public string FullPath { get; }

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <summary>What the model's authors suggest for sampling; empty where they say nothing.</summary>
    public virtual GenerationDefaults Generation { get; } = new();

    /// <summary>
    /// Names of tensors that the config does not ask for, ascending. They are not used and not bound by <c>model_root</c>. Known harmless
    /// ones (stored rotary frequencies, the copy of a tied head) are left out.
    /// </summary>
    public virtual IReadOnlyList<string> ExtraTensors { get; } = [];

    /// <summary>Opens a folder, or a file, which is taken to be GGUF; see there for what is checked.</summary>
    /// <exception cref="ModelFormatException">A file is missing, malformed, or asks for something unsupported; the message names
    /// it.</exception>
    /// <exception cref="IOException">There is no such folder or file, or one could not be read.</exception>
    public static StoredModel Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path)) return GgufModel.Open(path);
        return Directory.Exists(path) ? ModelDirectory.Open(path) : throw new FileNotFoundException($"There is no folder or file '{Path.GetFullPath(path)}'.");
    }

    /// <inheritdoc/>
    public abstract bool Contains(string name);

    /// <inheritdoc/>
    public abstract ITensorSource Tensor(string name);

    /// <summary>The model's tokenizer, or null where its files have none and its vocabulary is not that of bytes.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is malformed, asks for something unsupported, or is not what was there when the
    /// model was opened.</exception>
    public abstract Tokenizer? OpenTokenizer();

    /// <summary>Unmaps the files; spans read from tensors become invalid.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    StoredTensor IStoredTensors.Stored(string name) => Stored(name);

    private protected abstract StoredTensor Stored(string name);

    /// <summary>Unmaps the files; called once or more.</summary>
    protected abstract void Dispose(bool disposing);
}
