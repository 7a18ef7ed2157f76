using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>
/// Loads named tensors to a backend: names and shapes are checked before anything is loaded, every weight is checked for finiteness, and everything is released if it fails half-way.
/// </summary>
internal sealed class TensorLoader(IBackend backend, ITensorSet model, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
{
    private readonly Dictionary<string, Weight> _matrices = [];
    private readonly Dictionary<string, DeviceBuffer> _vectors = [];

    /// <summary>Bytes the loaded tensors take in storage.</summary>
    public long StoredByteCount { get; private set; }

    /// <summary>Device bytes they take.</summary>
    public long ResidentBytes => _matrices.Values.Sum(w => w.ByteLength) + _vectors.Values.Sum(v => v.ByteLength);

    /// <summary>What was loaded, to be disposed by whoever has it in the end.</summary>
    public List<IDisposable> Owned() => [.. _matrices.Values, .. _vectors.Values];

    /// <summary>A loaded matrix.</summary>
    public Weight Matrix(string name) => _matrices[name];

    /// <summary>A loaded vector.</summary>
    public DeviceBuffer Vector(string name) => _vectors[name];

    /// <summary>A vector, or null where the model has none of this name.</summary>
    public DeviceBuffer? OptionalVector(string name) => _vectors.GetValueOrDefault(name);

    /// <summary>Loads tensors and builds what they make up.</summary>
    /// <param name="tensors">What to load; a name may come twice.</param>
    /// <param name="view">Changes how a stored tensor is read, e.g. selects its rows; null for as it is.</param>
    /// <param name="build">Builds the result from what was loaded.</param>
    public T Load<T>(IEnumerable<TensorSpec> tensors, Func<ITensorSource, ITensorSource>? view, Func<TensorLoader, T> build)
    {
        List<(TensorSpec Spec, ITensorSource Source)> sources = [.. tensors.DistinctBy(spec => spec.Name).Select(tensor => (tensor, Find(tensor)))];
        StoredByteCount = sources.Sum(s => StoredBytes(s.Source));
        try
        {
            long loaded = 0;
            foreach ((TensorSpec tensor, ITensorSource source) in sources)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ITensorSource check = new CheckedTensorSource(source, cancellationToken);
                if (view is not null) check = view(check);
                if (tensor.IsVector) _vectors.Add(tensor.Name, LoadVector(check));
                else _matrices.Add(tensor.Name, backend.LoadWeight(check));
                loaded += StoredBytes(source);
                progress?.Report(new LoadProgress(tensor.Name, loaded, StoredByteCount));
            }
            return build(this);
        }
        catch
        {
            foreach (IDisposable item in Owned()) item.Dispose();
            throw;
        }
    }

    private ITensorSource Find(TensorSpec tensor)
    {
        if (!model.Contains(tensor.Name)) throw new InvalidDataException($"The model has no tensor {tensor.Name}.");
        ITensorSource source = model.Tensor(tensor.Name);
        if (source.Rows != tensor.Rows || source.Columns != tensor.Columns)
            throw new InvalidDataException(
                $"Tensor {tensor.Name} is [{source.Rows} × {source.Columns}], the config implies [{tensor.Rows} × {tensor.Columns}].");
        // Vectors are widened here; matrices are the backend's business.
        if (tensor.IsVector && source.Type.IsBlock())
            throw new InvalidDataException($"Tensor {tensor.Name} is a vector stored as {source.Type}; vectors are F32, F16 or BF16.");
        return source;
    }

    private static long StoredBytes(ITensorSource source) => source.Rows * source.Type.RowBytes(source.Columns);

    private DeviceBuffer LoadVector(ITensorSource source)
    {
        var values = new float[source.Columns];
        ElementStorage.Widen(source.Type, source.ReadRows(0, 1), values);
        DeviceBuffer buffer = backend.Allocate(values.Length * sizeof(float));
        using ComputeQueue queue = backend.CreateQueue();
        queue.Write<float>(values, buffer);
        queue.CompleteAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
        return buffer;
    }
}
