using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>A storage type of cache entries: rounding one value on append, widening a vector on read.</summary>
internal unsafe interface IElementFormat<T> where T : unmanaged
{
    /// <summary>The nearest value of the format, ties to even.</summary>
    static abstract T Round(float value);

    /// <summary>The binary32 of the same value.</summary>
    static abstract float Widen(T value);

    /// <summary>Widens as many values as the vector has lanes.</summary>
    static abstract V Load<S, V>(T* source) where S : struct, ISimd<V> where V : unmanaged;
}

internal readonly unsafe struct F32Format : IElementFormat<float>
{
    public static float Round(float value) => value;

    public static float Widen(float value) => value;

    public static V Load<S, V>(float* source) where S : struct, ISimd<V> where V : unmanaged => S.Load(source);
}

internal readonly unsafe struct BF16Format : IElementFormat<ushort>
{
    public static ushort Round(float value) => BFloat16Format.Round(value);

    public static float Widen(ushort value) => BFloat16Format.Widen(value);

    public static V Load<S, V>(ushort* source) where S : struct, ISimd<V> where V : unmanaged => S.LoadBF16(source);
}

internal readonly unsafe struct F16Format : IElementFormat<ushort>
{
    public static ushort Round(float value) => Float16Format.Round(value);

    public static float Widen(ushort value) => Float16Format.Widen(value);

    public static V Load<S, V>(ushort* source) where S : struct, ISimd<V> where V : unmanaged => S.LoadF16(source);
}
