using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>SHAKE128 and SHAKE256 (FIPS 202, section 6.2): absorb any number of spans, then squeeze any number of spans.</summary>
/// <remarks>A value type, so that hashing allocates nothing; <see cref="Clear"/> wipes it after secret input.</remarks>
internal struct Shake
{
    public const int Rate128 = 168;
    public const int Rate256 = 136;

    internal const byte DomainAndPadding = 0x1F;  // the suffix 1111 of SHAKE, then the first 1 of pad10*1
    internal const ulong LastBit = 0x80UL << 56;  // the last 1 of pad10*1, in a block's last lane

    private State state;
    private readonly int rate;
    private int position;
    private bool squeezing;

    private Shake(int rate) => this.rate = rate;

    public static Shake Create128() => new(Rate128);

    public static Shake Create256() => new(Rate256);

    /// <summary>Adds input. Not after the first <see cref="Squeeze"/>.</summary>
    public void Absorb(ReadOnlySpan<byte> input)
    {
        if (squeezing)
            throw new InvalidOperationException("The sponge is already being squeezed.");
        while (!input.IsEmpty)
        {
            if ((position & 7) == 0 && input.Length >= 8)
            {
                state[position >> 3] ^= BinaryPrimitives.ReadUInt64LittleEndian(input);
                input = input[8..];
                position += 8;
            }
            else
            {
                state[position >> 3] ^= (ulong)input[0] << (8 * (position & 7));
                input = input[1..];
                position++;
            }
            if (position == rate)
                Permute();
        }
    }

    /// <summary>Fills <paramref name="output"/> with the next bytes of the output stream.</summary>
    public void Squeeze(Span<byte> output)
    {
        if (!squeezing)
        {
            state[position >> 3] ^= (ulong)DomainAndPadding << (8 * (position & 7));
            state[(rate - 1) >> 3] ^= LastBit;
            squeezing = true;
            Permute();
        }
        while (!output.IsEmpty)
        {
            if (position == rate)
                Permute();
            if ((position & 7) == 0 && output.Length >= 8)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(output, state[position >> 3]);
                output = output[8..];
                position += 8;
            }
            else
            {
                output[0] = unchecked((byte)(state[position >> 3] >> (8 * (position & 7))));
                output = output[1..];
                position++;
            }
        }
    }

    /// <summary>Whether no lane holds anything, as after <see cref="Clear"/>.</summary>
    public readonly bool StateIsZero => !((ReadOnlySpan<ulong>)state).ContainsAnyExcept(0UL);

    /// <summary>Overwrites the state with zeros.</summary>
    public void Clear()
    {
        Span<ulong> lanes = state;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(lanes));
    }

    private void Permute()
    {
        KeccakF1600.Permute<ulong, Lane1>(ref state[0]);
        position = 0;
    }

    [InlineArray(KeccakF1600.LaneCount)]
    private struct State
    {
        private ulong lane;
    }
}
