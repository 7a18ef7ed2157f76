namespace Ogong.Kernels.Cpu;

/// <summary>Settings of the CPU backend. None of them changes a bit of any result.</summary>
public sealed record CpuOptions
{
    /// <summary>Threads that compute, the caller's included; 0 means one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Width of vectors in bits: 512, 256, 128, or 32 for scalar code; 0 means the widest the processor has with fused multiply-add.</summary>
    public int VectorBits { get; init; }
}
