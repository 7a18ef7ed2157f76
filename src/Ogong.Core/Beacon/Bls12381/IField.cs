namespace Ogong.Beacon.Bls12381;

/// <summary>A field a curve or a tower is built over. Elements are values; every operation returns the one reduced representation.</summary>
/// <remarks>Everything in this folder verifies public data and branches on it: nothing here is constant-time, and no secret may enter.</remarks>
internal interface IField<T> : IEquatable<T>
    where T : struct, IField<T>
{
    static abstract T Zero { get; }

    static abstract T One { get; }

    bool IsZero { get; }

    /// <summary>RFC 9380, section 4.1: the parity that stands for a sign.</summary>
    bool IsOdd { get; }

    /// <summary>Whether the element is the larger of {y, −y} in the order compressed points use.</summary>
    bool IsLargerThanNegative { get; }

    T Square();

    /// <summary>The inverse; 0 for 0.</summary>
    T Invert();

    /// <summary>A square root, if there is one.</summary>
    bool TrySqrt(out T root);

    static abstract T operator +(in T a, in T b);

    static abstract T operator -(in T a, in T b);

    static abstract T operator -(in T a);

    static abstract T operator *(in T a, in T b);
}
