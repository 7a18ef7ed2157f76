using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Ogong.Native.Cuda;
using static Ogong.Native.Cublas.CublasException;
using static Ogong.Native.Cublas.CublasLtImports;

namespace Ogong.Native.Cublas;

/// <summary>The type of a multiplication's inputs. Products are accumulated in F32 and the output is F32, but for bytes.</summary>
public enum MatmulType
{
    /// <summary>Single precision, read by the tensor cores as TF32: 10 bits of fraction.</summary>
    F32,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>Signed bytes; products are accumulated in 32-bit integers, exactly while they fit, and the output is those. Columns and outputs are multiples of 4.</summary>
    S8,
}

/// <summary>
/// cuBLASLt on one stream, with a workspace. The order of its sums is its own and differs between devices and versions, so its results are not
/// exact in the sense of docs/exact-arithmetic.md. How each shape is multiplied is chosen once and kept. Used by one thread at a time.
/// </summary>
public sealed unsafe class CublasLtHandle : IDisposable
{
    private const string NewestFunction = "cublasLtMatmulAlgoGetHeuristic", NeededVersion = "CUDA 11";
    private const int MostPlans = 512;

    private readonly Dictionary<MatmulShape, MatmulPlan> _plans = [];
    private readonly CublasLtLibraryHandle _library;
    private readonly DeviceMemory _workspace;

    private CublasLtHandle(CublasLtLibraryHandle library, CudaStream stream, DeviceMemory workspace)
    {
        (_library, Stream, _workspace) = (library, stream, workspace);
    }

    /// <summary>The stream the multiplications are given to.</summary>
    public CudaStream Stream { get; }

    /// <summary>The library's version, such as 12.4.5.</summary>
    public Version Version
    {
        get
        {
            // 10000 · major + 100 · minor + patch; before 12, 1000 · major.
            int number = (int)cublasLtGetVersion();
            int unit = number < 100_000 ? 1000 : 10_000;
            return new Version(number / unit, number % unit / 100, number % 100);
        }
    }

    /// <summary>Loads cuBLASLt and prepares it for a stream.</summary>
    /// <param name="stream">The stream; it must outlive the handle.</param>
    /// <param name="handle">The handle.</param>
    /// <param name="reason">Why there is none, in words for people.</param>
    /// <param name="workspaceBytes">Device memory for intermediate results; 32 MiB is what the library asks for on recent devices.</param>
    /// <param name="path">The file to load, or null to search; see <see cref="LibraryDescription.CublasLt"/>.</param>
    /// <returns>Whether the library was found.</returns>
    /// <exception cref="CublasException">It was found, but cannot use the device.</exception>
    /// <exception cref="CudaException">There is no room for the workspace.</exception>
    public static bool TryCreate(
        CudaStream stream,
        [NotNullWhen(true)] out CublasLtHandle? handle,
        [NotNullWhen(false)] out string? reason,
        long workspaceBytes = 32 << 20,
        string? path = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workspaceBytes);
        handle = null;
        if (!NativeBinding.TryBind(NativeBinding.CublasLt, LibraryDescription.CublasLt, path, NewestFunction, NeededVersion, out _, out reason))
            return false;
        var library = CublasLtLibraryHandle.Create(stream.Context);
        try
        {
            handle = new CublasLtHandle(library, stream, stream.Context.Allocate(workspaceBytes));
            return true;
        }
        finally
        {
            if (handle is null)
                library.Dispose();
        }
    }

    /// <summary>
    /// y[r,n] = Σₖ x[r,k]·w[n,k], without waiting. All row-major and dense: x rows×columns, w outputs×columns, y rows×outputs in F32, or in 32-bit integers for bytes.
    /// </summary>
    /// <param name="type">Type of x and w.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">Rows of w.</param>
    /// <param name="columns">Columns of x and w, the length of the sums.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="w">The weights.</param>
    /// <param name="y">The output, overwritten.</param>
    /// <exception cref="ArgumentException">A range is too short.</exception>
    /// <exception cref="CublasException">The shape is not supported, or the call failed.</exception>
    public void Multiply(MatmulType type, int rows, int outputs, int columns, DeviceRange x, DeviceRange w, DeviceRange y)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        int size = type switch { MatmulType.F32 => sizeof(float), MatmulType.S8 => sizeof(sbyte), _ => sizeof(ushort) };
        ThrowIfShorter(x, (long)rows * columns * size, nameof(x));
        ThrowIfShorter(w, (long)outputs * columns * size, nameof(w));
        ThrowIfShorter(y, (long)rows * outputs * sizeof(float), nameof(y));

        using var inputs = x.Memory.Keep();
        using var weights = w.Memory.Keep();
        using var output = y.Memory.Keep();
        Multiply(Stream, type, rows, outputs, columns, x.Pointer, w.Pointer, y.Pointer);
    }

    /// <summary>
    /// The same with addresses, as kernels take them: the caller has checked them and keeps the memory alive. <paramref name="stream"/> may be one that is
    /// being captured; as all multiplications share the workspace, what is given to it must not run beside what is given to <see cref="Stream"/>.
    /// </summary>
    /// <param name="stream">Stream of the same context.</param>
    /// <param name="type">Type of x and w.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="outputs">Rows of w.</param>
    /// <param name="columns">Columns of x and w, the length of the sums.</param>
    /// <param name="x">Address of the inputs.</param>
    /// <param name="w">Address of the weights.</param>
    /// <param name="y">Address of the output, overwritten.</param>
    /// <exception cref="CublasException">The shape is not supported, or the call failed.</exception>
    public void Multiply(CudaStream stream, MatmulType type, int rows, int outputs, int columns, ulong x, ulong w, ulong y)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var use = _library.Use();
        using var order = stream.Keep();
        using var workspace = _workspace.Keep();
        // The lowest bit that is set in any of the addresses, or in 256.
        uint alignment = 1u << BitOperations.TrailingZeroCount(x | w | y | 256);
        MatmulPlan plan = PlanFor(new MatmulShape(type, rows, outputs, columns, alignment), use.Value);
        cublasLtMatmulAlgo_t algorithm = plan.Algorithm;
        float one = 1;
        int integerOne = 1, zero = 0; // of the type that scales; 0 has the same bits in both
        Check(
            cublasLtMatmul(
                use.Value, plan.Operation.Value, type == MatmulType.S8 ? &integerOne : &one, w, plan.Weights.Value, x, plan.Inputs.Value, &zero, y,
                plan.Output.Value, y, plan.Output.Value, &algorithm, _workspace.Pointer, plan.WorkspaceBytes, order.Value),
            plan.Shape.ToString());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ForgetPlans();
        _workspace.Dispose();
        _library.Dispose();
    }

    private MatmulPlan PlanFor(MatmulShape shape, nint library)
    {
        if (_plans.TryGetValue(shape, out var plan))
            return plan;
        // Rows vary without end; to choose again costs some tens of microseconds.
        if (_plans.Count == MostPlans)
            ForgetPlans();
        return _plans[shape] = MatmulPlan.Create(library, shape, _workspace.ByteLength);
    }

    private void ForgetPlans()
    {
        foreach (var plan in _plans.Values)
            plan.Dispose();
        _plans.Clear();
    }

    private static void ThrowIfShorter(DeviceRange range, long bytes, string name)
    {
        if (range.ByteLength < bytes)
            throw new ArgumentException($"{range.ByteLength} bytes are less than the {bytes} of the shape.", name);
    }
}
