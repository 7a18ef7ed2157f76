using Ogong.Native.Cuda;

namespace Ogong.Kernels.Cuda;

/// <summary>An entry point of a loaded module.</summary>
internal sealed class CudaKernel(string name, CudaFunction function)
{
    /// <summary>Shared memory every kernel may ask for at launch; more is granted per kernel, on request.</summary>
    private const int DefaultShared = 48 << 10;

    private readonly Lock _gate = new();
    private int _granted = DefaultShared;

    /// <summary>File, definitions and entry point.</summary>
    public string Name { get; } = name;

    public CudaFunction Function { get; } = function;

    /// <summary>Makes sure that a launch may have <paramref name="bytes"/> of dynamic shared memory.</summary>
    public void AllowShared(int bytes)
    {
        if (bytes <= Volatile.Read(ref _granted)) return;
        lock (_gate)
        {
            if (bytes <= _granted) return;
            Function.SetMaxDynamicShared(bytes);
            Volatile.Write(ref _granted, bytes);
        }
    }
}
