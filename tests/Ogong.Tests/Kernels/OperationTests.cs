using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels;

/// <summary>What every operation is held to on every backend: the reference's bits over thousands of seeded cases, and their pinned digest.</summary>
[TestFixtureSource(typeof(BackendCase), nameof(BackendCase.All))]
internal abstract class OperationTests(BackendCase backend)
{
    private static readonly ConcurrentDictionary<Type, Lazy<Task<byte[][]>>> References = new();

    protected IBackend Backend { get; private set; } = null!;

    /// <summary>How many seeded cases there are.</summary>
    protected abstract int Cases { get; }

    /// <summary>SHA-256 over the results of all cases, each after its length as int32. It may never change within profile exact-1.</summary>
    protected abstract string Digest { get; }

    /// <summary>Runs one case: operands depend on the seed alone.</summary>
    protected abstract Task<byte[]> RunAsync(IBackend backend, int seed);

    [OneTimeSetUp]
    public void Create() => Backend = backend.Create();

    [OneTimeTearDown]
    public void Release() => Backend?.Dispose();

    [Test]
    public async Task Every_case_has_the_bits_of_the_reference_and_all_have_the_pinned_digest()
    {
        byte[][] expected = await References.GetOrAdd(GetType(), _ => new(() => RunAllAsync(new ReferenceBackend()))).Value;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int seed = 0; seed < Cases; seed++)
        {
            byte[] result = await RunAsync(Backend, seed);
            if (!result.AsSpan().SequenceEqual(expected[seed])) Assert.Fail($"Seed {seed}: {Describe(result, expected[seed])}");
            hash.AppendData(BitConverter.GetBytes(result.Length));
            hash.AppendData(result);
        }
        Assert.That(Convert.ToHexStringLower(hash.GetHashAndReset()), Is.EqualTo(Digest));
    }

    private async Task<byte[][]> RunAllAsync(ReferenceBackend reference)
    {
        byte[][] results = new byte[Cases][];
        for (int seed = 0; seed < Cases; seed++) results[seed] = await RunAsync(reference, seed);
        return results;
    }

    private static string Describe(byte[] result, byte[] expected)
    {
        if (result.Length != expected.Length || result.Length % 4 != 0)
            return $"{Text(result)} instead of {Text(expected)}.";
        ReadOnlySpan<uint> a = MemoryMarshal.Cast<byte, uint>(result), b = MemoryMarshal.Cast<byte, uint>(expected);
        int at = a.CommonPrefixLength(b), wrong = 0;
        for (int i = 0; i < a.Length; i++) wrong += a[i] == b[i] ? 0 : 1;
        return $"{wrong} of {a.Length} words differ, the first at {at}: {Number(a[at])} instead of {Number(b[at])}.";
    }

    private static string Number(uint word) => $"0x{word:X8} ({BitConverter.UInt32BitsToSingle(word):R})";

    private static string Text(byte[] bytes) => bytes.Length < 120 && bytes.All(b => b is >= 32 and < 127) ? System.Text.Encoding.ASCII.GetString(bytes) : $"{bytes.Length} bytes";
}
