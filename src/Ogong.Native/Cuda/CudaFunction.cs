using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;
using static Ogong.Native.Cuda.CUfunction_attribute;

namespace Ogong.Native.Cuda;

/// <summary>A kernel of a loaded module. Valid until the module is disposed.</summary>
public sealed unsafe class CudaFunction
{
    internal CudaFunction(CudaModule module, nint handle, string name) => (Module, Handle, Name) = (module, handle, name);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The module it belongs to.</summary>
    public CudaModule Module { get; }

    /// <summary>Registers a thread uses.</summary>
    public int Registers => GetAttribute(CU_FUNC_ATTRIBUTE_NUM_REGS);

    /// <summary>Local memory a thread uses, in bytes: spilled registers and arrays that did not fit into them.</summary>
    public int LocalBytes => GetAttribute(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);

    /// <summary>Shared memory a block uses by declaration, without what a launch adds, in bytes.</summary>
    public int SharedBytes => GetAttribute(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);

    /// <summary>Threads a block may have at most, by the registers it uses.</summary>
    public int MaxThreadsPerBlock => GetAttribute(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);

    internal nint Handle { get; }

    /// <summary>
    /// Allows launches to add up to <paramref name="bytes"/> of shared memory to a block. Needed where declared and added memory together
    /// exceed 48 KiB; the device's limit is <see cref="CudaDeviceAttribute.MaxSharedMemoryPerBlockOptIn"/>.
    /// </summary>
    /// <exception cref="CudaException">It is more than the device has.</exception>
    public void SetMaxDynamicShared(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        using var use = Module.Use();
        Check(cuFuncSetAttribute(Handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes));
    }

    /// <summary>The kernel's name.</summary>
    public override string ToString() => Name;

    private int GetAttribute(CUfunction_attribute attribute)
    {
        using var use = Module.Use();
        int value = 0;
        Check(cuFuncGetAttribute(&value, attribute, Handle));
        return value;
    }
}
