using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void AppendKvCore(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows)
    {
        CpuKvCache pages = CpuKvCache.From(cache);
        pages.Require(batch, rows, window: 1);
        float* keys = HostBuffer.From(k).Floats, values = HostBuffer.From(v).Floats;
        switch (cache.Shape.Type)
        {
            case ElementType.F32: AppendKv<F32Format, float>(pages, layer, keys, values, batch, rows); break;
            case ElementType.BF16: AppendKv<BF16Format, ushort>(pages, layer, keys, values, batch, rows); break;
            case ElementType.F16: AppendKv<F16Format, ushort>(pages, layer, keys, values, batch, rows); break;
            default: throw new NotSupportedException($"No cache of {cache.Shape.Type}.");
        }
    }

    private void AppendKv<E, T>(CpuKvCache cache, int layer, float* keys, float* values, BatchLayout batch, int rows)
        where E : struct, IElementFormat<T> where T : unmanaged
    {
        bool finite = true;
        int width = cache.Shape.KvHeads * cache.Shape.HeadDim, perTask = RowsPerTask(2 * width);
        var job = new AppendKvJob<E, T>(
            (T*)cache.Layer(layer), keys, values, HostBuffer.From(batch.Positions).Ints, HostBuffer.From(batch.Sequences).Ints,
            HostBuffer.From(batch.PageTable).Ints, batch.MaxPages, rows, perTask, cache.Shape.KvHeads, cache.Shape.HeadDim, cache.ValueStride,
            cache.BlockLength, &finite);
        Backend.Pool.Run(Tasks(rows, perTask), job);
        if (finite) return;
        CheckRounded<E, T>(keys, rows, width);
        CheckRounded<E, T>(values, rows, width);
    }

    /// <summary>Names the first rounded value that is not finite; only on the way to a failure.</summary>
    private void CheckRounded<E, T>(float* values, int rows, int width) where E : struct, IElementFormat<T> where T : unmanaged
    {
        var rounded = new float[(long)rows * width];
        for (long i = 0; i < rounded.LongLength; i++) rounded[i] = E.Widen(E.Round(values[i]));
        fixed (float* p = rounded) CheckFinite(p, rows, width, Operation.AppendKv);
    }

    /// <summary>Some rows per task. A row's keys go to one place of each block, its values to one line.</summary>
    private readonly struct AppendKvJob<E, T>(T* layer, float* keys, float* values, int* positions, int* sequences, int* pageTable,
        int maxPages, int rows, int perTask, int kvHeads, int headDim, int valueStride, long blockLength, bool* finite) : IParallelJob
        where E : struct, IElementFormat<T> where T : unmanaged
    {
        public void Execute(int task)
        {
            int first = task * perTask, end = Math.Min(first + perTask, rows);
            for (int row = first; row < end; row++)
            {
                int position = positions[row], key = position & (KvCacheShape.PageLength - 1);
                long page = pageTable[((long)sequences[row] * maxPages) + (position / KvCacheShape.PageLength)];
                for (int head = 0; head < kvHeads; head++)
                {
                    T* block = layer + (((page * kvHeads) + head) * blockLength);
                    long from = (((long)row * kvHeads) + head) * headDim;
                    T* toKeys = block + (key / CpuKvCache.Block * CpuKvCache.Block * headDim) + E.Place(key % CpuKvCache.Block);
                    T* toValues = block + ((long)KvCacheShape.PageLength * headDim) + ((long)key * valueStride);
                    bool allFinite = true;
                    for (int i = 0; i < headDim; i++)
                    {
                        T roundedKey = E.Round(keys[from + i]), roundedValue = E.Round(values[from + i]);
                        toKeys[i * CpuKvCache.Block] = roundedKey;
                        toValues[(i & -CpuKvCache.Block) + E.Place(i % CpuKvCache.Block)] = roundedValue;
                        allFinite &= float.IsFinite(E.Widen(roundedKey)) & float.IsFinite(E.Widen(roundedValue));
                    }
                    if (!allFinite) *finite = false;
                }
            }
        }
    }
}
