namespace Ogong.Models;

/// <summary>
/// The tensors of a model folder: <c>STEM.safetensors</c>, or the shards of <c>STEM.safetensors.index.json</c>. Thread-safe but for
/// <see cref="Dispose"/>.
/// </summary>
internal sealed class SafetensorsSet : IDisposable
{
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsEntry Entry)> _tensors = new(StringComparer.Ordinal);

    private SafetensorsSet()
    {
    }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Opens the folder's tensors. A single file wins over an index, as in Hugging Face's loaders.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="stem">Name of the file before <c>.safetensors</c>.</param>
    public static SafetensorsSet Open(string folder, string stem = "model")
    {
        var set = new SafetensorsSet();
        try
        {
            string single = Path.Combine(folder, stem + ".safetensors"), index = single + ".index.json";
            if (File.Exists(single)) set.AddFile(single);
            else if (File.Exists(index)) set.AddShards(folder, index);
            else throw new ModelFormatException(single, "The file is missing, and there is no index of shards either.");
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    /// <exception cref="ModelFormatException">Its dtype or rank is not supported.</exception>
    public StoredTensor Tensor(string name)
        => _tensors.TryGetValue(name, out var found) ? found.File.Tensor(found.Entry) : throw new KeyNotFoundException($"The model has no tensor '{name}'.");

    /// <summary>Checks that a tensor is there with the shape a config demands.</summary>
    /// <exception cref="ModelFormatException">It is not.</exception>
    public void Check(string name, string folder, params ReadOnlySpan<long> shape)
    {
        if (!Contains(name)) throw new ModelFormatException(folder, $"Tensor {name} is missing.");
        StoredTensor tensor = Tensor(name);
        if (!shape.SequenceEqual([.. tensor.Shape]))
            throw new ModelFormatException(tensor.Path, $"Tensor {name} has shape [{string.Join(", ", tensor.Shape)}] where the config demands [{string.Join(", ", shape.ToArray())}].");
    }

    public void Dispose()
    {
        foreach (SafetensorsFile file in _files) file.Dispose();
    }

    private void AddFile(string path)
    {
        SafetensorsFile file = Add(path);
        foreach (SafetensorsEntry entry in file.Entries.Values) _tensors.Add(entry.Name, (file, entry));
    }

    private void AddShards(string folder, string index)
    {
        Dictionary<string, string> map = SafetensorsIndex.Parse(BoundedFile.Read(index, SafetensorsIndex.MaxBytes), index);
        foreach (IGrouping<string, KeyValuePair<string, string>> shard in map.GroupBy(p => p.Value, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            string path = Path.Combine(folder, shard.Key);
            if (!File.Exists(path)) throw new ModelFormatException(index, $"Shard {ModelFormatException.Quote(shard.Key)} is missing.");
            SafetensorsFile file = Add(path);
            foreach (string name in shard.Select(p => p.Key))
            {
                if (!file.Entries.TryGetValue(name, out SafetensorsEntry? entry))
                    throw new ModelFormatException(path,
                        $"Tensor {ModelFormatException.Quote(name)} is not in the shard that the index names.");
                _tensors.Add(name, (file, entry));
            }
            // Two shards with one name would leave it to the reader which tensor is meant.
            string? stray = file.Entries.Keys.FirstOrDefault(name => map.TryGetValue(name, out string? owner) && owner != shard.Key);
            if (stray is not null)
                throw new ModelFormatException(path,
                    $"Tensor {ModelFormatException.Quote(stray)} is also in this shard, where the index places it in another.");
        }
    }

    private SafetensorsFile Add(string path)
    {
        var file = new SafetensorsFile(path);
        _files.Add(file);
        return file;
    }
}
