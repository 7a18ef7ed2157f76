using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Kernels.Cpu;

/// <summary>Eight lanes: AVX2 and FMA.</summary>
internal readonly unsafe struct Simd256 : ISimd<Vector256<float>>
{
    public static int Count => 8;

    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    public static Vector256<float> IntBroadcast(uint value) => Vector256.Create(value).AsSingle();

    public static Vector256<float> Iota => Vector256<uint>.Indices.AsSingle();

    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    public static void Store(Vector256<float> value, float* destination) => value.Store(destination);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Sub(Vector256<float> a, Vector256<float> b) => a - b;

    public static Vector256<float> Mul(Vector256<float> a, Vector256<float> b) => a * b;

    public static Vector256<float> Div(Vector256<float> a, Vector256<float> b) => a / b;

    public static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        System.Runtime.Intrinsics.X86.Fma.MultiplyAdd(a, b, c);

    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Avx.Max(a, b);

    public static Vector256<float> LessThan(Vector256<float> a, Vector256<float> b) => Vector256.LessThan(a, b);

    public static Vector256<float> Select(Vector256<float> mask, Vector256<float> whenSet, Vector256<float> otherwise) =>
        Vector256.ConditionalSelect(mask, whenSet, otherwise);

    public static uint SignBits(Vector256<float> value) => value.ExtractMostSignificantBits();

    public static Vector256<float> And(Vector256<float> a, Vector256<float> b) => a & b;

    public static Vector256<float> Or(Vector256<float> a, Vector256<float> b) => a | b;

    public static Vector256<float> Xor(Vector256<float> a, Vector256<float> b) => a ^ b;

    public static Vector256<float> IntAdd(Vector256<float> a, Vector256<float> b) => (a.AsUInt32() + b.AsUInt32()).AsSingle();

    public static Vector256<float> IntSub(Vector256<float> a, Vector256<float> b) => (a.AsUInt32() - b.AsUInt32()).AsSingle();

    public static Vector256<float> IntMulLow(Vector256<float> a, Vector256<float> b) => (a.AsUInt32() * b.AsUInt32()).AsSingle();

    public static Vector256<float> IntMulHigh(Vector256<float> a, Vector256<float> b)
    {
        Vector256<ulong> even = Avx2.Multiply(a.AsUInt32(), b.AsUInt32());
        Vector256<ulong> odd = Avx2.Multiply((a.AsUInt64() >> 32).AsUInt32(), (b.AsUInt64() >> 32).AsUInt32());
        return ((even >> 32) | (odd & Vector256.Create(0xFFFF_FFFF_0000_0000ul))).AsSingle();
    }

    public static Vector256<float> ShiftLeft(Vector256<float> value, int count) => (value.AsUInt32() << count).AsSingle();

    public static Vector256<float> ShiftRight(Vector256<float> value, int count) => (value.AsUInt32() >> count).AsSingle();

    public static Vector256<float> ShiftRightArithmetic(Vector256<float> value, int count) => (value.AsInt32() >> count).AsSingle();

    public static Vector256<float> IntToFloat(Vector256<float> value) => Vector256.ConvertToSingle(value.AsInt32());

    public static int DotParts => AvxVnni.IsSupported ? 4 : 2;

    public static Vector256<float> IntDot(Vector256<float> sum, Vector256<float> w, Vector256<float> x) => AvxVnni.IsSupported
        ? AvxVnni.MultiplyWideningAndAdd(sum.AsInt32(), w.AsByte(), x.AsSByte()).AsSingle()
        : (sum.AsInt32() + Avx2.MultiplyAddAdjacent(w.AsInt16(), x.AsInt16())).AsSingle();

    public static Vector256<float> HalfDot(Vector256<float> sum, Vector256<float> w, Vector256<float> x) =>
        (sum.AsInt16() + Avx2.MultiplyAddAdjacent(w.AsByte(), x.AsSByte())).AsSingle();

    public static float TreeSum(Vector256<float> value) => Simd128.TreeSum(value.GetLower() + value.GetUpper());

    public static float LargestLane(Vector256<float> value) => Simd128.LargestLane(Simd128.Max(value.GetLower(), value.GetUpper()));
}
