using System.Buffers.Binary;
using System.Text;

namespace Ogong.Models;

/// <summary>
/// Walks the header of a GGUF file. Whatever the bytes, only <see cref="ModelFormatException"/> comes out; time is proportional to the bytes
/// passed, and nothing is allocated but the strings asked for.
/// </summary>
internal ref struct GgufReader(ReadOnlySpan<byte> bytes, string file)
{
    /// <summary>Arrays in arrays; none of the standard keys has any.</summary>
    private const int MaxDepth = 4;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes passed, which is the offset in the file.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes left of the header's window.</summary>
    public readonly int Remaining => _bytes.Length - Position;

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A name of printable ASCII.</summary>
    public string Name(int most, string what)
    {
        ulong length = UInt64();
        if (length == 0 || length > (ulong)most) throw new ModelFormatException(file, $"{what} of {length} bytes; 1 to {most} are allowed.");
        ReadOnlySpan<byte> name = Take(length);
        return name.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? throw new ModelFormatException(file, $"{what} {ModelFormatException.Quote(Encoding.Latin1.GetString(name))} is not printable ASCII.")
            : Encoding.ASCII.GetString(name);
    }

    /// <summary>Passes a value and says where it lies.</summary>
    public GgufValue Value(string key)
    {
        GgufValueType type = ValueType(key);
        if (type != GgufValueType.Array)
        {
            int start = Position;
            Skip(type, key);
            return new GgufValue(type, type, 1, start, Position - start);
        }
        (GgufValueType element, ulong count, int first) = ArrayHead(key);
        SkipElements(element, count, key, depth: 1);
        return new GgufValue(type, element, (long)count, first, Position - first);
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Remaining) throw new ModelFormatException(file, $"The header ends at byte {_bytes.Length}, in the middle of something {count} bytes long at byte {Position}.");
        ReadOnlySpan<byte> taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    private GgufValueType ValueType(string key)
    {
        uint type = UInt32();
        return type <= (uint)GgufValueType.Double ? (GgufValueType)type : throw new ModelFormatException(file, $"{key} has the unknown value type {type}.");
    }

    private (GgufValueType Element, ulong Count, int First) ArrayHead(string key)
    {
        GgufValueType element = ValueType(key);
        ulong count = UInt64();
        // Every element takes a byte at least, so a count beyond this cannot be honest, and below it the products here fit 64 bits.
        return count <= (ulong)Remaining ? (element, count, Position) : throw new ModelFormatException(file, $"{key} claims {count} elements with {Remaining} bytes left.");
    }

    private void SkipElements(GgufValueType element, ulong count, string key, int depth)
    {
        if (depth > MaxDepth) throw new ModelFormatException(file, $"{key} nests arrays more than {MaxDepth} deep.");
        if (Size(element) is > 0 and var size && element != GgufValueType.Bool)
        {
            Take(count * (ulong)size);
            return;
        }
        for (ulong i = 0; i < count; i++)
        {
            if (element != GgufValueType.Array)
            {
                Skip(element, key);
                continue;
            }
            (GgufValueType inner, ulong length, _) = ArrayHead(key);
            SkipElements(inner, length, key, depth + 1);
        }
    }

    private void Skip(GgufValueType type, string key)
    {
        if (type == GgufValueType.String) Take(UInt64());
        else if (Take((ulong)Size(type))[0] > 1 && type == GgufValueType.Bool) throw new ModelFormatException(file, $"{key} holds a truth value that is neither 0 nor 1.");
    }

    /// <summary>Bytes of a value of fixed size, else 0.</summary>
    private static int Size(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Single => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Double => 8,
        _ => 0,
    };
}
