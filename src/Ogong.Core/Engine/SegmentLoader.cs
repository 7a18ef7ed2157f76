using System.Buffers.Binary;
using Ogong.Compute;
using Ogong.Models;
using Ogong.Numerics;

namespace Ogong.Engine;

/// <summary>One load of one segment: the names and shapes are checked before anything is loaded, and everything is released if it fails half-way.</summary>
internal sealed class SegmentLoader(
    IBackend backend, IModelWeights model, LayerRange range, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
{
    private readonly ModelConfig _config = model.Config;
    private readonly Dictionary<string, Weight> _matrices = [];
    private readonly Dictionary<string, DeviceBuffer> _vectors = [];

    public Segment Load()
    {
        List<(TensorSpec Spec, ITensorSource Source)> sources = [.. Tensors().Select(tensor => (tensor, Find(tensor)))];
        long total = sources.Sum(s => StoredBytes(s.Source));
        try
        {
            long loaded = 0;
            foreach ((TensorSpec tensor, ITensorSource source) in sources)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var check = new CheckedTensorSource(source, cancellationToken);
                if (tensor.IsVector) _vectors.Add(tensor.Name, LoadVector(check));
                else _matrices.Add(tensor.Name, LoadMatrix(check));
                loaded += StoredBytes(source);
                progress?.Report(new LoadProgress(tensor.Name, loaded, total));
            }
            return Build(total);
        }
        catch
        {
            foreach (IDisposable item in Owned()) item.Dispose();
            throw;
        }
    }

    private Segment Build(long storedBytes)
    {
        var blocks = new DecoderLayer[range.Count];
        for (int i = 0; i < blocks.Length; i++) blocks[i] = Block(range.First + i);
        bool last = range.End == _config.Layers;
        return new Segment(backend, _config, range, blocks, Owned())
        {
            Embedding = range.First == 0 ? _matrices[TensorNames.Embedding] : null,
            FinalNorm = last ? _vectors[TensorNames.FinalNorm] : null,
            Head = last ? _matrices[TensorNames.Head(_config)] : null,
            ResidentBytes = _matrices.Values.Sum(w => w.ByteLength) + _vectors.Values.Sum(v => v.ByteLength),
            StoredBytes = storedBytes,
        };
    }

    private DecoderLayer Block(int layer) => new(layer)
    {
        AttentionNorm = _vectors[TensorNames.InputNorm(layer)],
        Query = _matrices[TensorNames.Query(layer)],
        Key = _matrices[TensorNames.Key(layer)],
        Value = _matrices[TensorNames.Value(layer)],
        QueryBias = _vectors.GetValueOrDefault(TensorNames.QueryBias(layer)),
        KeyBias = _vectors.GetValueOrDefault(TensorNames.KeyBias(layer)),
        ValueBias = _vectors.GetValueOrDefault(TensorNames.ValueBias(layer)),
        QueryNorm = _vectors.GetValueOrDefault(TensorNames.QueryNorm(layer)),
        KeyNorm = _vectors.GetValueOrDefault(TensorNames.KeyNorm(layer)),
        Output = _matrices[TensorNames.Output(layer)],
        MlpNorm = _vectors[TensorNames.PostAttentionNorm(layer)],
        Gate = _matrices[TensorNames.Gate(layer)],
        Up = _matrices[TensorNames.Up(layer)],
        Down = _matrices[TensorNames.Down(layer)],
    };

    /// <summary>What the range needs. A tied head is the embedding, which a segment that is both first and last holds once.</summary>
    private IEnumerable<TensorSpec> Tensors()
    {
        IEnumerable<TensorSpec> specs = range.First == 0 ? TensorNames.EmbeddingTensors(_config) : [];
        specs = specs.Concat(Enumerable.Range(range.First, range.Count).SelectMany(layer => TensorNames.LayerTensors(_config, layer)));
        if (range.End == _config.Layers) specs = specs.Concat(TensorNames.HeadTensors(_config));
        return specs.DistinctBy(spec => spec.Name);
    }

    private List<IDisposable> Owned() => [.. _matrices.Values, .. _vectors.Values];

    private ITensorSource Find(TensorSpec tensor)
    {
        if (!model.Contains(tensor.Name)) throw new InvalidDataException($"The model has no tensor {tensor.Name}.");
        ITensorSource source = model.Tensor(tensor.Name);
        return source.Rows == tensor.Rows && source.Columns == tensor.Columns
            ? source
            : throw new InvalidDataException(
                $"Tensor {tensor.Name} is [{source.Rows} × {source.Columns}], the config implies [{tensor.Rows} × {tensor.Columns}].");
    }

    private static long StoredBytes(ITensorSource source) => source.Rows * (long)source.Columns * source.Type.Size();

    private Weight LoadMatrix(CheckedTensorSource source)
    {
        if (!backend.Supports(Operation.Linear, source.Type, NumericMode.Exact) && !backend.Supports(Operation.Linear, source.Type, NumericMode.Fast))
            throw new NotSupportedException($"Device {backend.Device.Name} has no Linear for {source.Type} weights ({source.Name}).");
        return backend.LoadWeight(source);
    }

    private DeviceBuffer LoadVector(CheckedTensorSource source)
    {
        float[] values = Widen(source);
        DeviceBuffer buffer = backend.Allocate(values.Length * sizeof(float));
        using ComputeQueue queue = backend.CreateQueue();
        queue.Write<float>(values, buffer);
        queue.CompleteAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
        return buffer;
    }

    private static float[] Widen(CheckedTensorSource source)
    {
        ReadOnlySpan<byte> bytes = source.ReadRows(0, 1);
        var values = new float[source.Columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = source.Type switch
            {
                ElementType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                ElementType.F16 => Float16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..])),
                ElementType.BF16 => BFloat16Format.Widen(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..])),
                _ => throw new NotSupportedException($"{source.Name} is stored as {source.Type}."),
            };
        }
        return values;
    }
}
