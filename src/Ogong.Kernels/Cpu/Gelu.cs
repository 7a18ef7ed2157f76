using System.Runtime.CompilerServices;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void GeluCore(DeviceBuffer x, DeviceBuffer y, long count) => Map<GeluFunction>(x, y, count);

    private readonly struct GeluFunction : IElementFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : unmanaged
        {
            V u = S.Mul(x, S.Fma(S.Mul(x, x), S.Broadcast(ExactMath.Gelu1), S.Broadcast(ExactMath.Gelu0)));
            return S.Div(x, S.Add(S.Broadcast(1f), VectorMath.Exp<S, V>(S.Xor(u, S.IntBroadcast(0x8000_0000)))));
        }
    }
}
