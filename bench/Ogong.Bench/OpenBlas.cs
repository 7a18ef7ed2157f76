using System.Runtime.InteropServices;

namespace Ogong.Bench;

/// <summary>
/// The peer for GEMM: Debian's <c>libopenblas0-pthread</c>. OpenBLAS reads OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS when it is loaded, so they are set in the process's
/// environment by <see cref="OpenBlasPeers"/> before the first call.
/// </summary>
internal static unsafe partial class OpenBlas
{
    private const string Library = "libopenblas.so.0";
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;

    /// <summary>Whether the library is there; loads it.</summary>
    public static bool IsAvailable => NativeLibrary.TryLoad(Library, out _);

    /// <summary>Version, configuration and the kernels chosen, as the library reports them.</summary>
    public static string Description => $"{Marshal.PtrToStringUTF8(Config())?.Trim()}, kernels {Marshal.PtrToStringUTF8(CoreName())}, {Threads()} threads";

    /// <summary>y [rows × outputs] = x [rows × columns] · wᵀ, w [outputs × columns], all row-major.</summary>
    public static void Linear(float* x, float* w, float* y, int rows, int columns, int outputs) =>
        Sgemm(RowMajor, NoTranspose, Transpose, rows, outputs, columns, 1f, x, columns, w, columns, 0f, y, outputs);

    [LibraryImport(Library, EntryPoint = "cblas_sgemm")]
    private static partial void Sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);

    [LibraryImport(Library, EntryPoint = "openblas_get_config")]
    private static partial nint Config();

    [LibraryImport(Library, EntryPoint = "openblas_get_corename")]
    private static partial nint CoreName();

    [LibraryImport(Library, EntryPoint = "openblas_get_num_threads")]
    private static partial int Threads();
}
