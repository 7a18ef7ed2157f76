using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Kernels.Cpu;

/// <summary>Sixteen lanes: AVX-512 F, BW and DQ.</summary>
internal readonly unsafe struct Simd512 : ISimd<Vector512<float>>
{
    public static int Count => 16;

    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    public static Vector512<float> IntBroadcast(uint value) => Vector512.Create(value).AsSingle();

    public static Vector512<float> Iota => Vector512<uint>.Indices.AsSingle();

    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    public static void Store(Vector512<float> value, float* destination) => value.Store(destination);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Sub(Vector512<float> a, Vector512<float> b) => a - b;

    public static Vector512<float> Mul(Vector512<float> a, Vector512<float> b) => a * b;

    public static Vector512<float> Div(Vector512<float> a, Vector512<float> b) => a / b;

    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Avx512F.FusedMultiplyAdd(a, b, c);

    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Avx512F.Max(a, b);

    public static Vector512<float> LessThan(Vector512<float> a, Vector512<float> b) => Vector512.LessThan(a, b);

    public static Vector512<float> Select(Vector512<float> mask, Vector512<float> whenSet, Vector512<float> otherwise) =>
        Vector512.ConditionalSelect(mask, whenSet, otherwise);

    public static uint SignBits(Vector512<float> value) => (uint)value.ExtractMostSignificantBits();

    public static Vector512<float> And(Vector512<float> a, Vector512<float> b) => a & b;

    public static Vector512<float> Or(Vector512<float> a, Vector512<float> b) => a | b;

    public static Vector512<float> Xor(Vector512<float> a, Vector512<float> b) => a ^ b;

    public static Vector512<float> IntAdd(Vector512<float> a, Vector512<float> b) => (a.AsUInt32() + b.AsUInt32()).AsSingle();

    public static Vector512<float> IntSub(Vector512<float> a, Vector512<float> b) => (a.AsUInt32() - b.AsUInt32()).AsSingle();

    public static Vector512<float> IntMulLow(Vector512<float> a, Vector512<float> b) => (a.AsUInt32() * b.AsUInt32()).AsSingle();

    public static Vector512<float> IntMulHigh(Vector512<float> a, Vector512<float> b)
    {
        Vector512<ulong> even = Avx512F.Multiply(a.AsUInt32(), b.AsUInt32());
        Vector512<ulong> odd = Avx512F.Multiply((a.AsUInt64() >> 32).AsUInt32(), (b.AsUInt64() >> 32).AsUInt32());
        return ((even >> 32) | (odd & Vector512.Create(0xFFFF_FFFF_0000_0000ul))).AsSingle();
    }

    public static Vector512<float> ShiftLeft(Vector512<float> value, int count) => (value.AsUInt32() << count).AsSingle();

    public static Vector512<float> ShiftRight(Vector512<float> value, int count) => (value.AsUInt32() >> count).AsSingle();

    public static Vector512<float> ShiftRightArithmetic(Vector512<float> value, int count) => (value.AsInt32() >> count).AsSingle();

    public static Vector512<float> IntToFloat(Vector512<float> value) => Vector512.ConvertToSingle(value.AsInt32());

    public static int DotParts => 2;

    public static Vector512<float> IntDot(Vector512<float> sum, Vector512<float> w, Vector512<float> x) =>
        (sum.AsInt32() + Avx512BW.MultiplyAddAdjacent(w.AsInt16(), x.AsInt16())).AsSingle();

    public static Vector512<float> HalfDot(Vector512<float> sum, Vector512<float> w, Vector512<float> x) =>
        (sum.AsInt16() + Avx512BW.MultiplyAddAdjacent(w.AsByte(), x.AsSByte())).AsSingle();

    public static float TreeSum(Vector512<float> value) => Simd256.TreeSum(value.GetLower() + value.GetUpper());

    public static float LargestLane(Vector512<float> value) => Simd256.LargestLane(Simd256.Max(value.GetLower(), value.GetUpper()));
}
