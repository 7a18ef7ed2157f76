using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Merkle;

namespace Ogong.Tests.Commitments;

public class CommitmentTests
{
    private static readonly SketchParameters bank = new(5, 3, StorageFormat.F16);

    [Test]
    public void There_are_exactly_as_many_windows_as_rows_need([Range(0, 100)] int rows)
    {
        Assert.That(CommitmentWindow.Count(rows), Is.EqualTo((int)Math.Ceiling(rows / 32.0)));
        Assert.That(Enumerable.Range(0, CommitmentWindow.Count(rows)).Sum(w => CommitmentWindow.RowsOf(w, rows)), Is.EqualTo(rows));
        Assert.Throws<ArgumentOutOfRangeException>(() => CommitmentWindow.RowsOf(CommitmentWindow.Count(rows), rows));
    }

    [Test]
    public void A_state_hash_is_the_stated_bytes()
    {
        float[] rows = [1, -2, 0.5f, 3];
        var writer = new ByteWriter();
        writer.UInt32(4);
        writer.UInt32(2);
        writer.Singles(rows);
        writer.UInt32(2);
        Assert.That(StateHasher.HashBoundary(4, rows, 2), Is.EqualTo(new HashTag("ogong/boundary-window/1").Hash(writer.Written)));
        Assert.That(StateHasher.HashHidden(4, rows, 2), Is.EqualTo(new HashTag("ogong/hidden-window/1").Hash(writer.Written)));
    }

    [Test]
    public void A_boundary_commits_the_same_however_its_rows_arrive([Values(1, 3, 32, 33, 100)] int chunk)
    {
        float[] rows = Rows(100, 4, 1);
        float[] sketches = Rows(100, 3, 2);
        using var committer = new BoundaryCommitter(4, bank);
        int completed = 0;
        for (int at = 0; at < 100; at += chunk)
        {
            int take = Math.Min(chunk, 100 - at);
            completed += committer.Append(rows.AsSpan(at * 4, take * 4), sketches.AsSpan(at * 3, take * 3));
        }
        Assert.That((completed, committer.Rows), Is.EqualTo((3, 100)));
        BoundaryCommitment commitment = committer.Finish();
        Assert.That(commitment.WindowHashes, Has.Count.EqualTo(4));
        Assert.That(commitment.Sketches.Select(s => s.Rows), Is.EqualTo(new[] { 32, 32, 32, 4 }));
        for (int w = 0; w < 4; w++)
        {
            int count = CommitmentWindow.RowsOf(w, 100);
            Assert.That(commitment.WindowHashes[w], Is.EqualTo(StateHasher.HashBoundary(w, rows.AsSpan(w * 128, count * 4), 4)));
            Assert.That(commitment.Sketches[w].Hash(w), Is.EqualTo(SketchWindow.Create(sketches.AsSpan(w * 96, count * 3), bank).Hash(w)));
        }
        // Producer and consumer agree though only the producer sketches.
        using var consumer = new BoundaryCommitter(4, SketchParameters.None);
        consumer.Append(rows, []);
        Assert.That(consumer.Finish().Root, Is.EqualTo(commitment.Root));
        Assert.That(commitment.Root, Is.EqualTo(MerkleTree.Root([.. commitment.WindowHashes.Select(h => MerkleTree.HashLeaf(h.Span))])));
    }

    [Test]
    public void A_text_commitment_binds_every_part()
    {
        Digest root = Text(40, _ => { });
        Assert.That(Text(40, _ => { }), Is.EqualTo(root));
        Assert.That(Text(39, _ => { }), Is.Not.EqualTo(root));
        Assert.That(Text(40, p => p.Token[39]++), Is.Not.EqualTo(root));
        Assert.That(Text(40, p => p.Hidden[39 * 4] += 1), Is.Not.EqualTo(root));
        Assert.That(Text(40, p => p.Sketch[39 * 3] += 1), Is.Not.EqualTo(root));
        Assert.That(Text(40, p => p.Logprob[(39 * 2) + 1] -= 1), Is.Not.EqualTo(root));
        Assert.That(Text(40, p => p.Id[39 * 2] += 10), Is.Not.EqualTo(root));
    }

    [Test]
    public void Appending_a_token_allocates_nothing()
    {
        using var committer = new TextCommitter(64, new SketchParameters(5, 8, StorageFormat.F16), 4);
        float[] hidden = Rows(1, 64, 1), sketch = Rows(1, 8, 2);
        using var boundary = new BoundaryCommitter(64, SketchParameters.None);
        Feed(committer, boundary, 40, hidden, sketch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Feed(committer, boundary, 20, hidden, sketch);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Tokens_are_hashed_by_window()
    {
        int[] tokens = [.. Enumerable.Range(0, 40)];
        Digest[] hashes = CommitmentWindow.HashTokens(tokens);
        Assert.That(hashes, Has.Length.EqualTo(2));
        var writer = new ByteWriter();
        writer.UInt32(1);
        for (uint t = 32; t < 40; t++) writer.UInt32(t);
        writer.UInt32(8);
        Assert.That(hashes[1], Is.EqualTo(new HashTag("ogong/token-window/1").Hash(writer.Written)));
    }

    [Test]
    public void A_sketch_keeps_its_format([Values] StorageFormat format)
    {
        float[] values = [1, -0.333333f, 65519.99f, 1e9f, 3.4e38f, 1e-30f];
        SketchWindow window = SketchWindow.Create(values, new SketchParameters(1, 6, format));
        var stored = new float[6];
        window.Row(0, stored);
        Assert.That(stored, Has.All.Matches<float>(float.IsFinite));
        if (format == StorageFormat.F32) Assert.That(stored, Is.EqualTo(values));
        if (format == StorageFormat.F16) Assert.That(stored, Is.EqualTo(new[] { 1, (float)(Half)(-0.333333f), 65504, 65504, 65504, 0 }));
        if (format == StorageFormat.BF16) Assert.That(stored[4], Is.EqualTo(BitConverter.UInt32BitsToSingle(0x7F7F0000)));
        Assert.Throws<ArgumentException>(() => SketchWindow.Create([float.NaN], new SketchParameters(1, 1, format)));
    }

    [Test]
    public void A_top_k_row_is_descending_without_repeats()
    {
        Assert.Throws<ArgumentException>(() => TopKWindow.Create(2, [1, 1], [-1, -2]));
        Assert.Throws<ArgumentException>(() => TopKWindow.Create(2, [1, 2], [-2, -1]));
        Assert.Throws<ArgumentException>(() => TopKWindow.Create(2, [1, 2], [-1, float.NegativeInfinity]));
        Assert.Throws<ArgumentException>(() => TopKWindow.Create(2, [1, -2], [-1, -2]));
        Assert.Throws<ArgumentException>(() => TopKWindow.Create(2, [1, 2, 3], [-1, -2, -3]));
    }

    internal static float[] Rows(int rows, int width, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * width).Select(_ => (float)((random.NextDouble() * 4) - 2))];
    }

    private static void Feed(TextCommitter committer, BoundaryCommitter boundary, int tokens, float[] hidden, float[] sketch)
    {
        for (int i = 0; i < tokens; i++)
        {
            committer.Append(i, hidden, sketch, [1, 2, 3, 4], [-1f, -2f, -3f, -4f]);
            boundary.Append(hidden, []);
        }
    }

    private sealed record Parts(int[] Token, float[] Hidden, float[] Sketch, int[] Id, float[] Logprob);

    private static Digest Text(int tokens, Action<Parts> edit)
    {
        var parts = new Parts(
            [.. Enumerable.Range(0, tokens)], Rows(tokens, 4, 1), Rows(tokens, 3, 2), [.. Enumerable.Range(0, tokens * 2).Select(i => i % 2)], [.. Enumerable.Range(0, tokens * 2).Select(i => -1f - (i % 2))]);
        edit(parts);
        using var committer = new TextCommitter(4, bank, 2);
        for (int i = 0; i < tokens; i++)
            committer.Append(parts.Token[i], parts.Hidden.AsSpan(i * 4, 4), parts.Sketch.AsSpan(i * 3, 3), parts.Id.AsSpan(i * 2, 2), parts.Logprob.AsSpan(i * 2, 2));
        Digest root = committer.Finish();
        Assert.That(committer.Windows, Has.Count.EqualTo(CommitmentWindow.Count(tokens)));
        Assert.That(TextCommitter.RootOf(committer.Windows.Select(w => w.Leaf)), Is.EqualTo(root));
        return root;
    }
}
