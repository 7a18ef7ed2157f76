using System.Runtime.InteropServices;

namespace Ogong.Kernels.Cuda;

/// <summary>Where a kernel reports an output that is not finite; the struct of the same name in common.cuh.</summary>
/// <param name="Word">Device address of the queue's fault word.</param>
/// <param name="Operation">Number of the checked output, shifted to its place in the word.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Fault(ulong Word, ulong Operation);
