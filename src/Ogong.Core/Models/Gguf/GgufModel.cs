using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// A model in one GGUF file of architecture <c>llama</c> (Llama, and Mistral where a window is stated), <c>qwen2</c> or <c>qwen3</c>. Tensors
/// have this library's names, and Q and K its order of rows, so that the same model has the same <c>model_root</c> in either format. Opening
/// reads the header only.
/// </summary>
public sealed class GgufModel : StoredModel
{
    private readonly MappedFile _file;
    private readonly GgufHeader _header;
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    private GgufModel(string path, MappedFile file, GgufHeader header, GgufConfig config) : base(path, config.Model)
    {
        (_file, _header) = (file, header);
        Dictionary<string, GgufTensor> stored = header.Tensors.ToDictionary(static t => t.Name, StringComparer.Ordinal);
        int vector = 0;
        foreach (TensorSpec spec in TensorNames.All(Config))
        {
            if (!stored.Remove(GgufNames.Of(spec.Name), out GgufTensor? tensor)) throw new ModelFormatException(path, $"Tensor {GgufNames.Of(spec.Name)} is missing.");
            CheckShape(tensor, spec);
            _tensors.Add(spec.Name, spec.IsVector ? Vector(tensor, spec.Name, config.VectorTypes?[vector++]) : Matrix(tensor, spec.Name));
        }
        stored.Remove(GgufNames.RopeFactors);
        // A tensor that the architecture does not have would change what is computed: a bias, an expert, another norm.
        if (stored.Count > 0) throw new ModelFormatException(path, $"Tensor {ModelFormatException.Quote(stored.Keys.Order(StringComparer.Ordinal).First())} is not one that the architecture has.");
    }

    /// <summary>Opens a GGUF file and checks that it holds exactly the tensors its metadata demands.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or asks for something unsupported; the message names key or
    /// tensor.</exception>
    /// <exception cref="IOException">It could not be read.</exception>
    public static new GgufModel Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        var file = new MappedFile(full);
        try
        {
            GgufHeader header = GgufHeader.Parse(Window(file), file.Length, full);
            return new GgufModel(full, file, header, GgufConfig.Read(header, Read(header, file), Factors(header, file)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The file's metadata.</summary>
    internal GgufMetadata Metadata => Read(_header, _file);

    /// <inheritdoc/>
    public override bool Contains(string name) => _tensors.ContainsKey(name);

    /// <inheritdoc/>
    public override ITensorSource Tensor(string name) => Stored(name);

    /// <inheritdoc/>
    public override Tokenizer? OpenTokenizer() => GgufTokenizer.Open(Metadata, Config.Tokenizer.Kind, FullPath);

    private protected override StoredTensor Stored(string name)
        => _tensors.TryGetValue(name, out StoredTensor? tensor) ? tensor : throw new KeyNotFoundException($"The model has no tensor '{name}'.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
    }

    private static ReadOnlySpan<byte> Window(MappedFile file) => file.Slice(0, (int)Math.Min(file.Length, GgufHeader.MaxBytes));

    private static GgufMetadata Read(GgufHeader header, MappedFile file) => new(header.Metadata, Window(file), file.Path);

    private static float[] Factors(GgufHeader header, MappedFile file)
    {
        GgufTensor? tensor = header.Tensors.FirstOrDefault(static t => t.Name == GgufNames.RopeFactors);
        if (tensor is null) return [];
        if (tensor.Type != ElementType.F32 || tensor.Shape.Length != 1 || tensor.Shape[0] > ModelLimits.HeadDim / 2)
            throw new ModelFormatException(file.Path, $"Tensor {tensor.Name} is no F32 vector of at most {ModelLimits.HeadDim / 2} elements.");
        float[] factors = new float[tensor.Shape[0]];
        ElementStorage.Widen(ElementType.F32, file.Slice(tensor.Offset, (int)tensor.Length), factors);
        return factors;
    }

    private void CheckShape(GgufTensor tensor, TensorSpec spec)
    {
        long[] shape = spec.IsVector ? [spec.Columns] : [spec.Rows, spec.Columns];
        if (!tensor.Shape.AsSpan().SequenceEqual(shape))
            throw new ModelFormatException(FullPath,
                $"Tensor {tensor.Name} has shape [{string.Join(", ", tensor.Shape)}] where the metadata demands [{string.Join(", ", shape)}].");
    }

    private StoredTensor Matrix(GgufTensor tensor, string name) => RotaryRows.Affects(Config, name)
        ? new ReorderedTensor(_file, tensor, name, Config.HeadDim)
        : new StoredTensor(_file, tensor.Offset, name, tensor.Shape, tensor.Type);

    private StoredTensor Vector(GgufTensor tensor, string name, ElementType? original)
    {
        if (tensor.Type.IsBlock()) throw new ModelFormatException(FullPath, $"Tensor {tensor.Name} is a vector of type {tensor.Type}; vectors are F32, F16 or BF16.");
        if (original is null || original == tensor.Type) return new StoredTensor(_file, tensor.Offset, name, tensor.Shape, tensor.Type);
        return tensor.Type == ElementType.F32
            ? new NarrowedVector(_file, tensor, name, original.Value)
            : throw new ModelFormatException(FullPath, $"Tensor {tensor.Name} is of type {tensor.Type}, and said to have been {original}; only F32 can stand for another type.");
    }
}
