using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Verifiers;

/// <summary>
/// A task whose claims its issuer made wrong: real work of a reply that was audited and accepted, in which the claims from one window on are replaced. It has the fields, sizes and forms of the
/// task it was made from: hashes give way to hashes, sketches to sketches at the distance cheats have been measured at, top-k lists to lists of the same ids, and every hash that a verifier can
/// check still fits. Only computing the segment tells.
/// </summary>
/// <param name="Task">What the verifier gets.</param>
/// <param name="FirstWrongWindow">Where the claims start to be wrong.</param>
public sealed record Honeypot(BlindTask Task, int FirstWrongWindow)
{
    private static readonly HashTag Tag = new("ogong/honeypot/1");

    /// <summary>Spoils a task.</summary>
    /// <param name="task">A task of an accepted reply, that its verifier was never given unspoilt: two tasks with one input and unequal claims would give the trap away.</param>
    /// <param name="secret">The issuer's: decides the window, the distance and the false values.</param>
    public static Honeypot Spoil(BlindTask task, Digest secret)
    {
        ArgumentNullException.ThrowIfNull(task);
        int first = BeaconDraw.Below(secret, task.Id, "honeypot-window", task.Claims.Count);
        // Measured on the shipped text model: 4-bit weights move the states by 0.12 to 0.17, a skipped layer by 0.44 to 0.70.
        double distance = 0.13 + BeaconDraw.Below(secret, task.Id, "honeypot-distance", 570) / 1000.0;
        List<BlindClaim> claims = [.. task.Claims];
        for (int i = first; i < claims.Count; i++) claims[i] = Spoil(claims[i], distance, new Generator(secret, task.Id, claims[i].Window));
        return new Honeypot(task.With(Hash(secret, task.Id, "id", 0), claims), claims[first].Window);
    }

    private static BlindClaim Spoil(BlindClaim claim, double distance, Generator generator)
    {
        SketchWindow? sketch = claim.Sketch is { } s ? Move(s, distance, generator) : null;
        TopKWindow? topK = claim.TopK is { } k ? Move(k, generator) : null;
        Digest topKHash = claim.TopKHash.IsZero ? default : topK?.Hash(claim.Window) ?? generator.Digest("top-k");
        return new BlindClaim(claim.Window, generator.Digest("states"), sketch, topKHash, topK);
    }

    // Each row plus Gaussian noise of the wanted norm.
    private static SketchWindow Move(SketchWindow sketch, double distance, Generator generator)
    {
        int m = sketch.Parameters.Directions;
        var values = new float[sketch.Rows * m];
        for (int row = 0; row < sketch.Rows; row++)
        {
            Span<float> at = values.AsSpan(row * m, m);
            sketch.Row(row, at);
            double norm = 0;
            foreach (float value in at) norm += (double)value * value;
            double deviation = distance * Math.Sqrt(norm / m);
            for (int d = 0; d < m; d++) at[d] = (float)(at[d] + deviation * generator.Normal());
        }
        return SketchWindow.Create(values, sketch.Parameters);
    }

    // The same ids in the same order; log-probabilities moved and sorted, so that the row keeps its form.
    private static TopKWindow Move(TopKWindow topK, Generator generator)
    {
        var ids = new int[topK.Rows * topK.K];
        var logprobs = new float[ids.Length];
        for (int row = 0; row < topK.Rows; row++)
        {
            topK.Ids(row).CopyTo(ids.AsSpan(row * topK.K));
            Span<float> at = logprobs.AsSpan(row * topK.K, topK.K);
            topK.Logprobs(row).CopyTo(at);
            for (int i = 0; i < at.Length; i++) at[i] = (float)Math.Min(-1e-6, at[i] + 0.5 * generator.Normal());
            at.Sort((a, b) => b.CompareTo(a));
        }
        return TopKWindow.Create(topK.K, ids, logprobs);
    }

    private static Digest Hash(Digest secret, Digest task, string purpose, int number)
    {
        using var hasher = new TaggedHasher(Tag);
        hasher.Append(secret);
        hasher.Append(task);
        hasher.Append((uint)number);
        hasher.Append(System.Text.Encoding.ASCII.GetBytes(purpose));
        return hasher.Finish();
    }

    // False values of one window, from the issuer's secret.
    private sealed class Generator(Digest secret, Digest task, int window)
    {
        private int count;

        public Digest Digest(string purpose) => Hash(secret, task, purpose, window);

        // Box and Muller, from one hash a value.
        public double Normal()
        {
            ReadOnlySpan<byte> bytes = Hash(secret, task, $"noise/{window}", count++).Span;
            double u = (1.0 + (BitConverter.ToUInt64(bytes) >> 11)) / (1UL << 53), v = (BitConverter.ToUInt64(bytes[8..]) >> 11) / (double)(1UL << 53);
            return Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v);
        }
    }
}
