using Ogong.Compute;
using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    private readonly Scratch _srpSigns = new();
    private (ulong Seed, int Columns, int Directions) _srpBank;

    protected override void SrpProjectCore(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions)
    {
        bool finite = true;
        float* output = HostBuffer.From(y).Floats;
        uint* signs = SrpSigns(bankSeed, columns, directions);
        int groups = Tasks(directions, SrpJob.Group);
        int perTask = (int)Math.Max(1, Grain * 8L / ((long)columns * SrpJob.Group / 16));
        Run(Tasks((long)rows * groups, perTask), new SrpJob(HostBuffer.From(h).Floats, signs, output, columns, directions,
            checked(rows * groups), perTask, &finite));
        if (!finite) CheckFinite(output, rows, directions, Operation.SrpProject);
    }

    /// <summary>
    /// The sign bits of the bank, generated when it changes: word [block of 32 columns][direction], directions padded to whole groups.
    /// Column 32·block + i is bit 31 − i,
    /// so that shifting left brings one column after the other to the place of a binary32's sign.
    /// </summary>
    private uint* SrpSigns(ulong bankSeed, int columns, int directions)
    {
        int stride = Tasks(directions, SrpJob.Group) * SrpJob.Group, blocks = (columns + 127) / 128;
        var signs = (uint*)_srpSigns.Reserve(sizeof(uint) * 4L * blocks * stride);
        if (_srpBank == (bankSeed, columns, directions)) return signs;
        for (int block = 0; block < blocks; block++)
        {
            for (int direction = 0; direction < directions; direction++)
            {
                (uint w0, uint w1, uint w2, uint w3) = Randomness.SrpSigns(bankSeed, direction, block);
                uint* to = signs + (4L * block * stride) + direction;
                (to[0], to[stride], to[2L * stride], to[3L * stride]) = (Reverse(w0), Reverse(w1), Reverse(w2), Reverse(w3));
            }
        }
        _srpBank = (bankSeed, columns, directions);
        return signs;
    }

    private static uint Reverse(uint bits)
    {
        bits = ((bits >> 1) & 0x5555_5555) | ((bits & 0x5555_5555) << 1);
        bits = ((bits >> 2) & 0x3333_3333) | ((bits & 0x3333_3333) << 2);
        bits = ((bits >> 4) & 0x0F0F_0F0F) | ((bits & 0x0F0F_0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(bits);
    }

    /// <summary>
    /// Vectors run over directions; per column the sign bit flips h: adding ±h is fma(h, ±1, acc). Some (row, group of directions) per
    /// task.
    /// </summary>
    private readonly struct SrpJob(float* h, uint* signs, float* y, int columns, int directions, int items, int perTask,
        bool* finite) : IVectorJob
    {
        /// <summary>Directions computed together: four of the widest vectors hide the latency of the additions.</summary>
        public const int Group = 64;

        public void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged
        {
            float* sums = stackalloc float[Group];
            int groups = (directions + Group - 1) / Group;
            for (int item = task * perTask; item < Math.Min((task + 1) * perTask, items); item++)
            {
                int row = item / groups, first = item % groups * Group, count = Math.Min(Group, directions - first);
                for (int d = 0; d < count; d += 4 * S.Count) Project<S, V>(h + ((long)row * columns), (float*)signs + first + d, sums + d);
                float* to = y + ((long)row * directions) + first;
                new ReadOnlySpan<float>(sums, count).CopyTo(new Span<float>(to, count));
                if (!IsFinite(to, count)) *finite = false;
            }
        }

        private void Project<S, V>(float* row, float* words, float* sums) where S : struct, ISimd<V> where V : unmanaged
        {
            long stride = (directions + Group - 1) / Group * Group;
            V zero = S.Broadcast(0f), sign = S.IntBroadcast(0x8000_0000), t0 = zero, t1 = zero, t2 = zero, t3 = zero;
            for (int chunk = 0; chunk < columns; chunk += Reductions.Chunk)
            {
                V a0 = zero, a1 = zero, a2 = zero, a3 = zero;
                int end = Math.Min(chunk + Reductions.Chunk, columns);
                for (int c = chunk; c < end;)
                {
                    float* w = words + (c / 32 * stride);
                    V w0 = S.Load(w), w1 = S.Load(w + S.Count), w2 = S.Load(w + (2 * S.Count)), w3 = S.Load(w + (3 * S.Count));
                    for (int last = Math.Min(c + 32, end); c < last; c++)
                    {
                        V x = S.Broadcast(row[c]);
                        a0 = S.Add(a0, S.Xor(x, S.And(w0, sign)));
                        a1 = S.Add(a1, S.Xor(x, S.And(w1, sign)));
                        a2 = S.Add(a2, S.Xor(x, S.And(w2, sign)));
                        a3 = S.Add(a3, S.Xor(x, S.And(w3, sign)));
                        (w0, w1, w2, w3) = (S.ShiftLeft(w0, 1), S.ShiftLeft(w1, 1), S.ShiftLeft(w2, 1), S.ShiftLeft(w3, 1));
                    }
                }
                (t0, t1, t2, t3) = (S.Add(t0, a0), S.Add(t1, a1), S.Add(t2, a2), S.Add(t3, a3));
            }
            V scale = S.Broadcast(1f / MathF.Sqrt(columns));
            S.Store(S.Mul(t0, scale), sums);
            S.Store(S.Mul(t1, scale), sums + S.Count);
            S.Store(S.Mul(t2, scale), sums + (2 * S.Count));
            S.Store(S.Mul(t3, scale), sums + (3 * S.Count));
        }
    }
}
