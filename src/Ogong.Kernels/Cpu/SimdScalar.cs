namespace Ogong.Kernels.Cpu;

/// <summary>One lane: runs on every processor, and takes the tails of the wider ones.</summary>
internal readonly unsafe struct SimdScalar : ISimd<float>
{
    public static int Count => 1;

    public static float Broadcast(float value) => value;

    public static float IntBroadcast(uint value) => BitConverter.UInt32BitsToSingle(value);

    public static float Iota => 0f;

    public static float Load(float* source) => *source;

    public static void Store(float value, float* destination) => *destination = value;

    public static float Add(float a, float b) => a + b;

    public static float Sub(float a, float b) => a - b;

    public static float Mul(float a, float b) => a * b;

    public static float Div(float a, float b) => a / b;

    public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static float Max(float a, float b) => a > b ? a : b;

    public static float LessThan(float a, float b) => IntBroadcast(a < b ? uint.MaxValue : 0);

    public static float Select(float mask, float whenSet, float otherwise) => Bits(mask) != 0 ? whenSet : otherwise;

    public static uint SignBits(float value) => Bits(value) >> 31;

    public static float And(float a, float b) => IntBroadcast(Bits(a) & Bits(b));

    public static float Or(float a, float b) => IntBroadcast(Bits(a) | Bits(b));

    public static float Xor(float a, float b) => IntBroadcast(Bits(a) ^ Bits(b));

    public static float IntAdd(float a, float b) => IntBroadcast(unchecked(Bits(a) + Bits(b)));

    public static float IntSub(float a, float b) => IntBroadcast(unchecked(Bits(a) - Bits(b)));

    public static float IntMulLow(float a, float b) => IntBroadcast(unchecked(Bits(a) * Bits(b)));

    public static float IntMulHigh(float a, float b) => IntBroadcast((uint)(((ulong)Bits(a) * Bits(b)) >> 32));

    public static float ShiftLeft(float value, int count) => IntBroadcast(Bits(value) << count);

    public static float ShiftRight(float value, int count) => IntBroadcast(Bits(value) >> count);

    public static float ShiftRightArithmetic(float value, int count) => IntBroadcast(unchecked((uint)((int)Bits(value) >> count)));

    public static float IntToFloat(float value) => unchecked((int)Bits(value));

    public static int DotParts => 2;

    public static float IntDot(float sum, float w, float x)
    {
        int a = (int)Bits(w), b = (int)Bits(x);
        return IntBroadcast(Bits(sum) + (uint)(((short)a * (short)b) + ((a >> 16) * (b >> 16))));
    }

    public static float HalfDot(float sum, float w, float x)
    {
        uint i = Bits(sum), a = Bits(w), b = Bits(x);
        int low = (int)i + ((byte)a * (sbyte)b) + ((byte)(a >> 8) * (sbyte)(b >> 8));
        int high = (int)(i >> 16) + ((byte)(a >> 16) * (sbyte)(b >> 16)) + ((byte)(a >> 24) * (sbyte)(b >> 24));
        return IntBroadcast((ushort)low | ((uint)high << 16));
    }

    public static float TreeSum(float value) => value;

    public static float LargestLane(float value) => value;

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
