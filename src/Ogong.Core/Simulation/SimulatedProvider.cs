using System.Buffers.Binary;
using Ogong.Bytes;
using Ogong.Ejection;

namespace Ogong.Simulation;

/// <summary>A provider: what it serves, how it behaves, and what the network knows of it.</summary>
internal sealed class SimulatedProvider(int index, bool cheats, bool stamps, int first, int end, int pricePerLayer, int latency, EjectionParameters parameters)
{
    public int Index { get; } = index;

    public Digest KeyId { get; } = Number(1, index);

    public bool Cheats { get; } = cheats;

    public bool Stamps { get; } = stamps;

    public int First { get; } = first;

    public int End { get; } = end;

    public int PricePerLayer { get; } = pricePerLayer;

    public int Latency { get; } = latency;

    public EjectionProcess Test { get; } = new(parameters);

    public bool IsExposed { get; set; }

    public long Slices { get; set; }

    public long Audits { get; set; }

    public int EpochAudits { get; set; }

    public int EpochFailures { get; set; }

    /// <summary>A digest that names a thing of the simulation; the number comes first, because a digest's first bytes are its hash code.</summary>
    public static Digest Number(byte kind, long number)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        bytes.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        bytes[^1] = kind;
        return new Digest(bytes);
    }
}
