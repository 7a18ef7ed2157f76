namespace Ogong.Models;

/// <summary>Types of metadata values, by the numbers in the file.</summary>
internal enum GgufValueType : uint
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Single = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Double = 12,
}

/// <summary>Where a metadata value lies; nothing is decoded until asked for.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Element">Type of the elements of an array, else <paramref name="Type"/>.</param>
/// <param name="Count">Elements of an array, else 1.</param>
/// <param name="Offset">First byte in the file, after type and count of an array.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct GgufValue(GgufValueType Type, GgufValueType Element, long Count, long Offset, int Length);

/// <summary>One tensor as the header states it.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="Shape">Rows first, as this library has it; the file states columns first.</param>
/// <param name="Offset">First byte in the file.</param>
/// <param name="Length">Bytes.</param>
internal sealed record GgufTensor(string Name, Compute.ElementType Type, long[] Shape, long Offset, long Length);
