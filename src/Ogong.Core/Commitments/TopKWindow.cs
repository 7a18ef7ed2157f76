using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Commitments;

/// <summary>The k most probable tokens and their log-probabilities at each position of one text window. Immutable.</summary>
public sealed class TopKWindow
{
    /// <summary>Largest k.</summary>
    public const int MaxK = 256;

    private readonly int[] ids;
    private readonly float[] logprobs;

    private TopKWindow(int k, int[] ids, float[] logprobs)
    {
        (K, this.ids, this.logprobs) = (k, ids, logprobs);
    }

    /// <summary>Entries per position.</summary>
    public int K { get; }

    /// <summary>Positions.</summary>
    public int Rows => ids.Length / K;

    /// <summary>Takes [rows × k] ids and log-probabilities, each row by descending log-probability.</summary>
    /// <exception cref="ArgumentException">The sizes disagree, or a row is not finite, descending and free of repeated ids.</exception>
    public static TopKWindow Create(int k, ReadOnlySpan<int> ids, ReadOnlySpan<float> logprobs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaxK);
        if (ids.IsEmpty || ids.Length != logprobs.Length || ids.Length % k != 0 || ids.Length > k * CommitmentWindow.Length)
            throw new ArgumentException("A top-k window has 1 to 32 rows of k ids and k log-probabilities.", nameof(ids));
        for (int start = 0; start < ids.Length; start += k)
        {
            if (!IsRow(ids.Slice(start, k), logprobs.Slice(start, k)))
                throw new ArgumentException("A top-k row has distinct ids and finite, descending log-probabilities.", nameof(logprobs));
        }
        return new TopKWindow(k, ids.ToArray(), logprobs.ToArray());
    }

    /// <summary>Token ids of one position, most probable first.</summary>
    public ReadOnlySpan<int> Ids(int row) => ids.AsSpan(row * K, K);

    /// <summary>Log-probabilities of one position, descending.</summary>
    public ReadOnlySpan<float> Logprobs(int row) => logprobs.AsSpan(row * K, K);

    /// <summary><c>H("ogong/top-k-window/1", u32 window ‖ u32 k ‖ per row: k u32 ids, k binary32 log-probabilities ‖ u32 rows)</c>.</summary>
    public Digest Hash(int window)
    {
        using var hasher = new TaggedHasher(CommitmentTags.TopKWindow);
        hasher.Append((uint)window);
        hasher.Append((uint)K);
        for (int r = 0; r < Rows; r++)
        {
            hasher.Append(Ids(r));
            hasher.Append(Logprobs(r));
        }
        hasher.Append((uint)Rows);
        return hasher.Finish();
    }

    /// <summary>Appends the rows as they are hashed.</summary>
    internal void Write(ByteWriter writer)
    {
        for (int r = 0; r < Rows; r++)
        {
            foreach (int id in Ids(r)) writer.Count(id);
            writer.Singles(Logprobs(r));
        }
    }

    /// <summary>Reads <paramref name="rows"/> rows.</summary>
    internal static bool TryRead(ref ByteReader reader, int rows, int k, [NotNullWhen(true)] out TopKWindow? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryRaw(rows * k * 8, out ReadOnlySpan<byte> raw, "top-k")) return false;
        var rest = new ByteReader(raw);
        var ids = new int[rows * k];
        var logprobs = new float[rows * k];
        for (int r = 0; r < rows; r++)
        {
            for (int i = 0; i < k; i++)
                if (!rest.TryCount(0, int.MaxValue, out ids[(r * k) + i], "top-k ids")) return reader.FailAt(rest.Failure.Error, start, "top-k ids");
            for (int i = 0; i < k; i++)
                if (!rest.TrySingle(out logprobs[(r * k) + i], "top-k")) return reader.FailAt(rest.Failure.Error, start, "top-k log-probabilities");
            if (!IsRow(ids.AsSpan(r * k, k), logprobs.AsSpan(r * k, k))) return reader.FailAt(DecodeError.NotCanonical, start, "top-k");
        }
        value = new TopKWindow(k, ids, logprobs);
        return true;
    }

    private static bool IsRow(ReadOnlySpan<int> ids, ReadOnlySpan<float> logprobs)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] < 0 || !float.IsFinite(logprobs[i]) || (i > 0 && logprobs[i] > logprobs[i - 1])) return false;
            if (ids[..i].Contains(ids[i])) return false;
        }
        return true;
    }
}
