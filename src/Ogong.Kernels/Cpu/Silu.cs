using System.Runtime.CompilerServices;
using Ogong.Compute;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void SiluCore(DeviceBuffer x, DeviceBuffer y, long count) => Map<SiluFunction>(x, y, count);

    private readonly struct SiluFunction : IElementFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged =>
            S.Div(x, S.Add(S.Broadcast(1f), VectorMath.Exp<S, V>(S.Xor(x, S.IntBroadcast(0x8000_0000)))));
    }
}
