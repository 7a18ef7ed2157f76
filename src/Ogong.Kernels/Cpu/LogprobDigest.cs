using System.Runtime.CompilerServices;
using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    private readonly Scratch _digestScratch = new();

    protected override void LogprobDigestCore(DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets,
        DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k)
    {
        var digest = new DigestStep
        {
            Logits = HostBuffer.From(logits).Floats, Vocabulary = vocabulary, K = k, Ids = HostBuffer.From(ids).Ints,
            Logprobs = HostBuffer.From(logprobs).Floats,
            Targets = targets is null ? null : HostBuffer.From(targets).Ints,
            TargetLogprobs = targetLogprobs is null ? null : HostBuffer.From(targetLogprobs).Floats,
        };
        for (int row = 0; digest.Targets is not null && row < rows; row++)
            if ((uint)digest.Targets[row] >= (uint)vocabulary)
                throw new ArgumentException(
                    $"Target {digest.Targets[row]} of row {row} is outside the vocabulary of {vocabulary}.", nameof(targets));
        int parts = Tasks(vocabulary, Grain);
        long states = (long)rows * parts * DigestStep.ChunksPerPart, entries = (long)rows * parts * k;
        byte* memory = _digestScratch.Reserve((states * sizeof((float, float))) + (entries * (sizeof(float) + sizeof(int))));
        digest.Chunks = ((float, float)*)memory;
        digest.TopValues = (float*)(digest.Chunks + states);
        digest.TopIds = (int*)(digest.TopValues + entries);
        digest.Parts = parts;
        Run(checked(rows * parts), new DigestPartJob(digest));
        int rowsPerTask = Math.Max(1, 512 / (parts * DigestStep.ChunksPerPart));
        Backend.Pool.Run(Tasks(rows, rowsPerTask), new DigestRowJob(digest, rows, rowsPerTask));
        CheckFinite(digest.Logprobs, rows, k, Operation.LogprobDigest);
        if (digest.TargetLogprobs is not null) CheckFinite(digest.TargetLogprobs, rows, 1, Operation.LogprobDigest);
    }

    /// <summary>
    /// Operands and scratch of one digest. A row is cut into parts of <see cref="Grain"/> logits; each leaves the (m_c, z_c) of its chunks
    /// and its first k elements.
    /// </summary>
    private struct DigestStep
    {
        public const int ChunksPerPart = Grain / Reductions.Chunk;

        public float* Logits, Logprobs, TargetLogprobs, TopValues;
        public int* Ids, Targets, TopIds;
        public (float Maximum, float Normalizer)* Chunks;
        public int Vocabulary, K, Parts;

        /// <summary>Merges the parts of a row in order: <c>lse = add(m, log(z))</c>, <c>lp = sub(l, lse)</c>.</summary>
        public readonly void Finish(int row)
        {
            var state = new SoftmaxState();
            var chunks = Chunks + ((long)row * Parts * ChunksPerPart);
            for (int chunk = 0; chunk < (Vocabulary + Reductions.Chunk - 1) / Reductions.Chunk; chunk++)
                state.Merge(chunks[chunk].Maximum, chunks[chunk].Normalizer);
            float lse = state.LogSumExp;

            float* values = Logprobs + ((long)row * K);
            var top = new TopK(values, Ids + ((long)row * K), K);
            for (int part = 0; part < Parts; part++)
            {
                long from = ((long)row * Parts * K) + ((long)part * K);
                for (int i = 0; i < Math.Min(K, Vocabulary - (part * Grain)); i++) top.Offer(TopValues[from + i], TopIds[from + i]);
            }
            top.Sort();
            for (int i = 0; i < K; i++) values[i] -= lse;
            if (Targets is not null) TargetLogprobs[row] = Logits[((long)row * Vocabulary) + Targets[row]] - lse;
        }
    }

    private readonly struct DigestRowJob(DigestStep digest, int rows, int perTask) : IParallelJob
    {
        public void Execute(int task)
        {
            for (int row = task * perTask; row < Math.Min((task + 1) * perTask, rows); row++) digest.Finish(row);
        }
    }

    /// <summary>One part of one row per task.</summary>
    private readonly struct DigestPartJob(DigestStep digest) : IVectorJob
    {
        [SkipLocalsInit]
        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            int row = task / digest.Parts, first = task % digest.Parts * Grain, count = Math.Min(Grain, digest.Vocabulary - first);
            float* logits = digest.Logits + ((long)row * digest.Vocabulary) + first;
            var top = new TopK(digest.TopValues + ((long)task * digest.K), digest.TopIds + ((long)task * digest.K), digest.K);
            float* weights = stackalloc float[Reductions.Chunk];
            for (int start = 0; start < count; start += Reductions.Chunk)
            {
                int length = Math.Min(Reductions.Chunk, count - start);
                top.Scan<S, V>(logits + start, length, first + start);
                new ReadOnlySpan<float>(logits + start, length).CopyTo(new Span<float>(weights, length));
                digest.Chunks[((long)task * DigestStep.ChunksPerPart) + (start / Reductions.Chunk)] = ChunkSoftmax.Weigh<S, V>(weights, 0,
                    length, 1f);
            }
        }
    }
}
