using static Ogong.Native.Cuda.CudaException;
using static Ogong.Native.Cuda.CudaImports;

namespace Ogong.Native.Cuda;

/// <summary>Recorded work. What its work uses (modules, memory) must outlive every launch.</summary>
public sealed unsafe class CudaGraph : CudaHandle
{
    internal CudaGraph(CudaContext context, nint handle)
        : base(context, context, handle)
    {
    }

    /// <summary>Makes an executable copy, for <see cref="CudaGraphExec.Launch"/>. This object is not needed afterwards.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    public CudaGraphExec Instantiate()
    {
        using var use = Use();
        nint handle = 0;
        Check(cuGraphInstantiateWithFlags(&handle, use.Value, 0));
        return new CudaGraphExec(Context, handle);
    }

    private protected override CUresult Destroy(nint handle) => cuGraphDestroy(handle);
}

/// <summary>Recorded work, ready to be launched any number of times. Launches of one object run one after the other.</summary>
public sealed class CudaGraphExec : CudaHandle
{
    internal CudaGraphExec(CudaContext context, nint handle)
        : base(context, context, handle)
    {
    }

    /// <summary>Does what was recorded, as one piece of a stream's work.</summary>
    /// <exception cref="CudaException">The launch or earlier work failed.</exception>
    public void Launch(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var use = Use();
        using var target = stream.Keep();
        Check(cuGraphLaunch(use.Value, target.Value));
    }

    private protected override CUresult Destroy(nint handle) => cuGraphExecDestroy(handle);
}
