namespace Ogong.Kernels.Cpu;

/// <summary>A number of rows known to the JIT compiler.</summary>
internal interface IRowCount
{
    static abstract int Value { get; }
}

/// <summary>The inner loop of a linear layer: one chunk of 256 columns of some rows of packed activations against a panel of 32 weight rows.</summary>
internal unsafe interface ILinearKernel
{
    /// <summary>Bytes from a panel's beginning to the chunk that begins at column <paramref name="k"/>.</summary>
    static abstract nint WeightOffset(int k);

    /// <summary>Elements from the beginning of the packed activations to those of column <paramref name="k"/>, where a chunk begins, of a tile of <paramref name="rows"/> rows from <paramref name="row"/> on.</summary>
    static abstract nint InputOffset<S, V>(int row, int rows, int k, int columns) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Adds the chunk's <paramref name="count"/> columns to the totals y [rows × 32].</summary>
    static abstract void Panel<S, V, TRows>(byte* w, float* x, int count, float* y) where S : struct, ISimd<V> where V : unmanaged where TRows : IRowCount;
}

/// <summary>Kernels by a number of rows known at run time.</summary>
internal static unsafe class LinearKernel
{
    /// <summary>Runs one chunk for <paramref name="rows"/> rows, 1 … 12, and all 32 rows of a panel.</summary>
    public static void Run<TKernel, S, V>(int rows, byte* w, float* x, int count, float* y)
        where TKernel : ILinearKernel where S : struct, ISimd<V> where V : unmanaged
    {
        switch (rows)
        {
            case 1: TKernel.Panel<S, V, One>(w, x, count, y); break;
            case 2: TKernel.Panel<S, V, Two>(w, x, count, y); break;
            case 3: TKernel.Panel<S, V, Three>(w, x, count, y); break;
            case 4: TKernel.Panel<S, V, Four>(w, x, count, y); break;
            case 5: TKernel.Panel<S, V, Five>(w, x, count, y); break;
            case 6: TKernel.Panel<S, V, Six>(w, x, count, y); break;
            case 7: TKernel.Panel<S, V, Seven>(w, x, count, y); break;
            case 8: TKernel.Panel<S, V, Eight>(w, x, count, y); break;
            case 9: TKernel.Panel<S, V, Nine>(w, x, count, y); break;
            case 10: TKernel.Panel<S, V, Ten>(w, x, count, y); break;
            case 11: TKernel.Panel<S, V, Eleven>(w, x, count, y); break;
            case 12: TKernel.Panel<S, V, Twelve>(w, x, count, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    private readonly struct One : IRowCount { public static int Value => 1; }

    private readonly struct Two : IRowCount { public static int Value => 2; }

    private readonly struct Three : IRowCount { public static int Value => 3; }

    private readonly struct Four : IRowCount { public static int Value => 4; }

    private readonly struct Five : IRowCount { public static int Value => 5; }

    private readonly struct Six : IRowCount { public static int Value => 6; }

    private readonly struct Seven : IRowCount { public static int Value => 7; }

    private readonly struct Eight : IRowCount { public static int Value => 8; }

    private readonly struct Nine : IRowCount { public static int Value => 9; }

    private readonly struct Ten : IRowCount { public static int Value => 10; }

    private readonly struct Eleven : IRowCount { public static int Value => 11; }

    private readonly struct Twelve : IRowCount { public static int Value => 12; }
}
