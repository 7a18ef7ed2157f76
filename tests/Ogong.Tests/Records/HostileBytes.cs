using System.Diagnostics;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Signatures;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Records;

/// <summary>Attacks a decoder with mutations of a valid input: a typed failure or a value whose encoding is exactly the input; nothing thrown, time and memory bounded.</summary>
internal static class HostileBytes
{
    private const int Cases = 100_000;

    /// <summary>Attacks the decoder of one value.</summary>
    public static void Attack<T>(T sample, int seed) where T : class, ICanonical<T>
    {
        byte[] valid = sample.Encode();
        Assert.That(Canonical.Decode<T>(valid).Value.Encode(), Is.EqualTo(valid));
        int[]? targets = valid.Length < HybridSignature.Size ? null : [.. Enumerable.Range(0, valid.Length % HybridSignature.Size)];
        Drive(new Mutator(valid, seed, targets), valid.Length, bytes =>
        {
            DecodeResult<T> result = Canonical.Decode<T>(bytes);
            return result.IsOk ? result.Value.Encode() : Refused(result.Failure, bytes);
        });
    }

    /// <summary>Attacks the reader of a file, mostly outside its signatures and keys.</summary>
    /// <param name="valid">The file.</param>
    /// <param name="signatures">Runs of bytes that mean nothing to a reader.</param>
    /// <param name="seed">Chooses the mutations.</param>
    /// <param name="decode">What the file read is when written again; null where it was refused.</param>
    public static void AttackFile(byte[] valid, IEnumerable<byte[]> signatures, int seed, Func<byte[], byte[]?> decode)
    {
        var opaque = new bool[valid.Length];
        foreach (byte[] run in signatures.Concat(ToyCohort.Keys.Select(k => k.PublicKey.Bytes.ToArray())))
        {
            int from = 0;
            for (int found; (found = valid.AsSpan(from).IndexOf(run)) >= 0; from += found + run.Length) opaque.AsSpan(from + found, run.Length).Fill(true);
        }
        int[] targets = [.. Enumerable.Range(0, valid.Length).Where(i => !opaque[i])];
        Assert.That(targets, Has.Length.LessThan(valid.Length / 2));
        Drive(new Mutator(valid, seed, targets), valid.Length, bytes =>
        {
            // With the checksum repaired, what was changed must be refused on its own account or be another valid file.
            if (bytes.Length > 64 && bytes[^1] % 4 != 0) SHA256.HashData(bytes.AsSpan(0, bytes.Length - 37), bytes.AsSpan(bytes.Length - 32));
            return decode(bytes);
        });
    }

    private static void Drive(Mutator mutator, int validLength, Func<byte[], byte[]?> decode)
    {
        int accepted = 0;
        long allocated = 0, slowest = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = mutator.Next();
            (long before, long start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            byte[]? again = decode(bytes);
            slowest = Math.Max(slowest, Stopwatch.GetTimestamp() - start);
            allocated = Math.Max(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            if (again is null) continue;
            accepted++;
            if (!again.AsSpan().SequenceEqual(bytes)) Assert.Fail($"Case {i}: two encodings of one value: {Convert.ToHexString(bytes)}");
        }
        Assert.That(allocated, Is.LessThan((20L * validLength) + (1 << 18)), "bytes allocated in the worst case");
        Assert.That(TimeSpan.FromSeconds(slowest / (double)Stopwatch.Frequency), Is.LessThan(TimeSpan.FromSeconds(2)), "time of the worst case");
        Assert.That(accepted, Is.LessThan(Cases / 2).And.GreaterThan(0), "the mutations reach past the first check, and most are refused");
    }

    /// <summary>Null, after checking that a refusal says where and why.</summary>
    public static byte[]? Refused(DecodeFailure failure, byte[] bytes)
    {
        if (failure.Error == DecodeError.None || failure.Offset < 0 || failure.Offset > bytes.Length || failure.Field.Length == 0) Assert.Fail($"A refusal without a place: {failure}");
        return null;
    }
}
