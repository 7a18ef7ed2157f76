using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ogong.Kernels.Cpu;

/// <summary>Four lanes: FMA with AVX, or NEON.</summary>
internal readonly unsafe struct Simd128 : ISimd<Vector128<float>>
{
    public static int Count => 4;

    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    public static Vector128<float> IntBroadcast(uint value) => Vector128.Create(value).AsSingle();

    public static Vector128<float> Iota => Vector128<uint>.Indices.AsSingle();

    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    public static void Store(Vector128<float> value, float* destination) => value.Store(destination);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Sub(Vector128<float> a, Vector128<float> b) => a - b;

    public static Vector128<float> Mul(Vector128<float> a, Vector128<float> b) => a * b;

    public static Vector128<float> Div(Vector128<float> a, Vector128<float> b) => a / b;

    public static Vector128<float> Fma(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.FusedMultiplyAdd(a, b, c);

    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    public static Vector128<float> LessThan(Vector128<float> a, Vector128<float> b) => Vector128.LessThan(a, b);

    public static Vector128<float> Select(Vector128<float> mask, Vector128<float> whenSet, Vector128<float> otherwise) =>
        Vector128.ConditionalSelect(mask, whenSet, otherwise);

    public static uint SignBits(Vector128<float> value) => value.ExtractMostSignificantBits();

    public static Vector128<float> And(Vector128<float> a, Vector128<float> b) => a & b;

    public static Vector128<float> Or(Vector128<float> a, Vector128<float> b) => a | b;

    public static Vector128<float> Xor(Vector128<float> a, Vector128<float> b) => a ^ b;

    public static Vector128<float> IntAdd(Vector128<float> a, Vector128<float> b) => (a.AsUInt32() + b.AsUInt32()).AsSingle();

    public static Vector128<float> IntSub(Vector128<float> a, Vector128<float> b) => (a.AsUInt32() - b.AsUInt32()).AsSingle();

    public static Vector128<float> IntMulLow(Vector128<float> a, Vector128<float> b) => (a.AsUInt32() * b.AsUInt32()).AsSingle();

    public static Vector128<float> IntMulHigh(Vector128<float> a, Vector128<float> b)
    {
        (Vector128<ulong> a0, Vector128<ulong> a1) = Vector128.Widen(a.AsUInt32());
        (Vector128<ulong> b0, Vector128<ulong> b1) = Vector128.Widen(b.AsUInt32());
        return Vector128.Narrow((a0 * b0) >> 32, (a1 * b1) >> 32).AsSingle();
    }

    public static Vector128<float> ShiftLeft(Vector128<float> value, int count) => (value.AsUInt32() << count).AsSingle();

    public static Vector128<float> ShiftRight(Vector128<float> value, int count) => (value.AsUInt32() >> count).AsSingle();

    public static Vector128<float> ShiftRightArithmetic(Vector128<float> value, int count) => (value.AsInt32() >> count).AsSingle();

    public static Vector128<float> IntToFloat(Vector128<float> value) => Vector128.ConvertToSingle(value.AsInt32());

    public static int DotParts => 2;

    public static Vector128<float> IntDot(Vector128<float> sum, Vector128<float> w, Vector128<float> x)
    {
        if (Sse2.IsSupported) return (sum.AsInt32() + Sse2.MultiplyAddAdjacent(w.AsInt16(), x.AsInt16())).AsSingle();
        Vector128<int> a = w.AsInt32(), b = x.AsInt32();
        return (sum.AsInt32() + ((a << 16 >> 16) * (b << 16 >> 16)) + ((a >> 16) * (b >> 16))).AsSingle();
    }

    public static Vector128<float> HalfDot(Vector128<float> sum, Vector128<float> w, Vector128<float> x)
    {
        if (Ssse3.IsSupported) return (sum.AsInt16() + Ssse3.MultiplyAddAdjacent(w.AsByte(), x.AsSByte())).AsSingle();
        Vector128<short> a = w.AsInt16(), b = x.AsInt16();
        return (sum.AsInt16() + ((a & Vector128.Create((short)0xFF)) * (b << 8 >> 8)) + ((a >>> 8) * (b >> 8))).AsSingle();
    }

    public static float TreeSum(Vector128<float> value)
    {
        Vector128<float> pairs = value + Vector128.Shuffle(value, Vector128.Create(2, 3, 0, 1));
        return pairs.ToScalar() + pairs.GetElement(1);
    }

    public static float LargestLane(Vector128<float> value)
    {
        Vector128<float> pairs = Max(value, Vector128.Shuffle(value, Vector128.Create(2, 3, 0, 1)));
        return SimdScalar.Max(pairs.ToScalar(), pairs.GetElement(1));
    }
}
