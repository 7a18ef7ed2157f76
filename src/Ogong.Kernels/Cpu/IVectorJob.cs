using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

/// <summary>A parallel region's body, written once for every vector width. Tasks are independent.</summary>
internal interface IVectorJob
{
    /// <summary>Runs task number <paramref name="task"/>, from 0.</summary>
    void Execute<S, V>(int task) where S : struct, ISimd<V> where V : unmanaged;
}

internal sealed unsafe partial class CpuQueue
{
    /// <summary>Elements worth a task of their own: fewer, and waking a thread costs more than it saves.</summary>
    private const int Grain = 16384;

    /// <summary>Runs the tasks at the backend's vector width, on its threads where there is more than one task.</summary>
    private void Run<TJob>(int tasks, TJob job) where TJob : unmanaged, IVectorJob => Run(tasks, job, Backend.VectorBits);

    /// <summary>Runs them at a width of <paramref name="bits"/>.</summary>
    private void Run<TJob>(int tasks, TJob job, int bits) where TJob : unmanaged, IVectorJob
    {
        switch (bits)
        {
            case 512:
                Backend.Pool.Run(tasks, new AtWidth<TJob, Simd512, System.Runtime.Intrinsics.Vector512<float>>(job));
                break;
            case 256:
                Backend.Pool.Run(tasks, new AtWidth<TJob, Simd256, System.Runtime.Intrinsics.Vector256<float>>(job));
                break;
            case 128:
                Backend.Pool.Run(tasks, new AtWidth<TJob, Simd128, System.Runtime.Intrinsics.Vector128<float>>(job));
                break;
            default:
                Backend.Pool.Run(tasks, new AtWidth<TJob, SimdScalar, float>(job));
                break;
        }
    }

    /// <summary>
    /// For tasks, which look at their outputs while these are in the nearest cache; the queue then reports the first that is not finite.
    /// </summary>
    private static bool IsFinite(float* values, long count) =>
        FiniteCheck.FirstNonFinite(new ReadOnlySpan<float>(values, checked((int)count))) < 0;

    /// <summary>Rows per task so that a task has at least <see cref="Grain"/> elements.</summary>
    private static int RowsPerTask(int columns) => Math.Max(1, Grain / columns);

    private static int Tasks(long count, int perTask) => checked((int)((count + perTask - 1) / perTask));

    private readonly struct AtWidth<TJob, S, V>(TJob job) : IParallelJob
        where TJob : unmanaged, IVectorJob where S : struct, ISimd<V> where V : unmanaged
    {
        public void Execute(int task) => job.Execute<S, V>(task);
    }
}
