using System.Runtime.Intrinsics;
using Ogong.Kernels.Cpu;

namespace Ogong.Tests.Kernels.Cpu;

/// <summary>AVX2 as it is with AVX-VNNI, on any processor with AVX2: four products of bytes a lane, in plain arithmetic. All else is <see cref="Simd256"/>.</summary>
internal readonly unsafe struct QuadDotSimd : ISimd<Vector256<float>>
{
    public static int DotParts => 4;

    public static Vector256<float> IntDot(Vector256<float> sum, Vector256<float> w, Vector256<float> x)
    {
        Vector256<byte> a = w.AsByte();
        Vector256<sbyte> b = x.AsSByte();
        Vector256<int> result = sum.AsInt32();
        for (int lane = 0; lane < Count; lane++)
        {
            int total = result[lane];
            for (int part = 4 * lane; part < (4 * lane) + 4; part++) total += a[part] * b[part];
            result = result.WithElement(lane, total);
        }
        return result.AsSingle();
    }

    public static Vector256<float> HalfDot(Vector256<float> sum, Vector256<float> w, Vector256<float> x) => throw new NotSupportedException("Four parts a lane need no halves.");

    public static int Count => Simd256.Count;

    public static Vector256<float> Broadcast(float value) => Simd256.Broadcast(value);

    public static Vector256<float> IntBroadcast(uint value) => Simd256.IntBroadcast(value);

    public static Vector256<float> Iota => Simd256.Iota;

    public static Vector256<float> Load(float* source) => Simd256.Load(source);

    public static void Store(Vector256<float> value, float* destination) => Simd256.Store(value, destination);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => Simd256.Add(a, b);

    public static Vector256<float> Sub(Vector256<float> a, Vector256<float> b) => Simd256.Sub(a, b);

    public static Vector256<float> Mul(Vector256<float> a, Vector256<float> b) => Simd256.Mul(a, b);

    public static Vector256<float> Div(Vector256<float> a, Vector256<float> b) => Simd256.Div(a, b);

    public static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Simd256.Fma(a, b, c);

    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Simd256.Max(a, b);

    public static Vector256<float> LessThan(Vector256<float> a, Vector256<float> b) => Simd256.LessThan(a, b);

    public static Vector256<float> Select(Vector256<float> mask, Vector256<float> whenSet, Vector256<float> otherwise) => Simd256.Select(mask, whenSet, otherwise);

    public static uint SignBits(Vector256<float> value) => Simd256.SignBits(value);

    public static Vector256<float> And(Vector256<float> a, Vector256<float> b) => Simd256.And(a, b);

    public static Vector256<float> Or(Vector256<float> a, Vector256<float> b) => Simd256.Or(a, b);

    public static Vector256<float> Xor(Vector256<float> a, Vector256<float> b) => Simd256.Xor(a, b);

    public static Vector256<float> IntAdd(Vector256<float> a, Vector256<float> b) => Simd256.IntAdd(a, b);

    public static Vector256<float> IntSub(Vector256<float> a, Vector256<float> b) => Simd256.IntSub(a, b);

    public static Vector256<float> IntMulLow(Vector256<float> a, Vector256<float> b) => Simd256.IntMulLow(a, b);

    public static Vector256<float> IntMulHigh(Vector256<float> a, Vector256<float> b) => Simd256.IntMulHigh(a, b);

    public static Vector256<float> ShiftLeft(Vector256<float> value, int count) => Simd256.ShiftLeft(value, count);

    public static Vector256<float> ShiftRight(Vector256<float> value, int count) => Simd256.ShiftRight(value, count);

    public static Vector256<float> ShiftRightArithmetic(Vector256<float> value, int count) => Simd256.ShiftRightArithmetic(value, count);

    public static Vector256<float> IntToFloat(Vector256<float> value) => Simd256.IntToFloat(value);

    public static float TreeSum(Vector256<float> value) => Simd256.TreeSum(value);

    public static float LargestLane(Vector256<float> value) => Simd256.LargestLane(value);
}
