using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models.Tokenizers;

[Parallelizable(ParallelScope.All)]
public class BpeMergerTests
{
    /// <summary>Merges in any order, also such that no training would give, where a merge makes one of a lower rank possible.</summary>
    [Test]
    public void RankedMergesEqualTheDefinition()
    {
        var random = new Random(21);
        for (int round = 0; round < 400; round++)
        {
            var vocabulary = new BpeVocabulary("test");
            List<string> tokens = ["a", "b", "c"];
            foreach (string token in tokens) vocabulary.Add(token, vocabulary.Tokens.Count);
            var pairs = new List<(string Left, string Right)>();
            for (int i = random.Next(30); i > 0; i--)
            {
                (string left, string right) = (tokens[random.Next(tokens.Count)], tokens[random.Next(tokens.Count)]);
                if (left.Length + right.Length > 9 || pairs.Contains((left, right))) continue;
                pairs.Add((left, right));
                if (tokens.Contains(left + right)) continue;
                tokens.Add(left + right);
                vocabulary.Add(left + right, vocabulary.Tokens.Count);
            }
            (string Left, string Right)[] order = [.. pairs];
            random.Shuffle(order);
            foreach ((string left, string right) in order) vocabulary.AddMerge(left, right);
            var model = new BpeModel(vocabulary.Tokens, vocabulary.Merges);
            for (int i = 0; i < 20; i++)
            {
                string text = Letters(random);
                IEnumerable<string> naive = NaiveBpe.Merge(NaiveBpe.Characters(text), (l, r) => Array.IndexOf(order, (l, r)) is >= 0 and int rank ? rank : null);
                Assert.That(Encode(model, text), Is.EqualTo(naive.Select(vocabulary.Find)), text);
            }
        }
    }

    /// <summary>Pieces with scores, many equal, over letters of which one is no piece itself.</summary>
    [Test]
    public void ScoredPiecesEqualTheDefinition()
    {
        var random = new Random(22);
        for (int round = 0; round < 400; round++)
        {
            var pieces = new Dictionary<string, (uint Rank, int Token)>();
            for (int i = random.Next(40); i > 0; i--)
                pieces.TryAdd(Letters(random)[..random.Next(1, 5)], ((uint)random.Next(12), pieces.Count));
            var tokens = pieces.ToDictionary(p => p.Key, p => p.Value.Token);
            var model = new BpeModel(tokens, new ScoredPieces(pieces)) { Unknown = 99 };
            for (int i = 0; i < 20; i++)
            {
                string text = Letters(random);
                IEnumerable<string> naive = NaiveBpe.Merge(NaiveBpe.Characters(text), (l, r) => pieces.TryGetValue(l + r, out (uint Rank, int) p) ? p.Rank : null);
                Assert.That(Encode(model, text), Is.EqualTo(naive.Select(s => tokens.GetValueOrDefault(s, 99))), text);
            }
        }
    }

    [Test]
    public void UnknownCharactersFallToBytesOrToOneUnknownToken()
    {
        int[] bytes = new int[256];
        Array.Fill(bytes, -1);
        (bytes[0xC3], bytes[0xA9]) = (10, 11);
        var model = new BpeModel(new Dictionary<string, int> { ["a"] = 1 }, new RankedMerges([], new Joints())) { ByteTokens = bytes, Unknown = 0 };
        Assert.That(Encode(model, "aéa😀語a"), Is.EqualTo(new[] { 1, 10, 11, 1, 0, 0, 1 }));
        Assert.That(Encode(new BpeModel(new Dictionary<string, int> { ["a"] = 1 }, new RankedMerges([], new Joints())) { Unknown = 0, FusesUnknown = true }, "é😀a語"),
            Is.EqualTo(new[] { 0, 1, 0 }));
        Assert.That(Encode(new BpeModel(new Dictionary<string, int> { ["a"] = 1 }, new RankedMerges([], new Joints())), "éa"), Is.EqualTo(new[] { 1 }), "no token for it: dropped");
    }

    /// <summary>
    /// A quarter of a million characters in one piece: a quadratic search would take hours. Equal ones merge into the longest token, with list and heap for all of them; where no merge joins
    /// neighbours, as among ideographs without spaces, memory is that of the tokens.
    /// </summary>
    [Test]
    public void OneLongPieceTakesNoSquareOfItsLength()
    {
        const int Length = 1 << 18;
        var vocabulary = new BpeVocabulary("test");
        for (int i = 0; i < 8; i++) vocabulary.Add(new string('a', 1 << i), i);
        vocabulary.Add("語", 8);
        for (int i = 0; i < 7; i++) vocabulary.AddMerge(new string('a', 1 << i), new string('a', 1 << i));
        var model = new BpeModel(vocabulary.Tokens, vocabulary.Merges);
        string equal = new('a', Length), apart = new('語', Length);
        var output = new List<int>(Length);
        Assert.That(Allocated(equal), Is.LessThan(40L * Length));
        Assert.That(output, Is.EqualTo(Enumerable.Repeat(7, Length / 128)));
        output.Clear();
        Assert.That(Allocated(apart), Is.LessThan(4096));
        Assert.That(output, Is.EqualTo(Enumerable.Repeat(8, Length)));

        long Allocated(string text)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            new BpeMerger(model, output).Encode(text);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    /// <summary>Keys with repetitions, added and taken in turns.</summary>
    [Test]
    public void TheHeapGivesTheLeastKey()
    {
        var random = new Random(24);
        var heap = new KeyHeap();
        var keys = new List<ulong>();
        for (int i = 0; i < 3000; i++)
        {
            if (random.Next(5) < 3 || i < 1000)
            {
                keys.Add((ulong)random.Next(500) << random.Next(50));
                heap.Add(keys[^1]);
                continue;
            }
            Assert.That(heap.TryTake(out ulong key), Is.EqualTo(keys.Count > 0));
            if (keys.Count == 0) continue;
            Assert.That(key, Is.EqualTo(keys.Min()));
            keys.Remove(key);
        }
        while (heap.TryTake(out ulong key))
        {
            Assert.That(key, Is.EqualTo(keys.Min()));
            keys.Remove(key);
        }
        Assert.That(keys, Is.Empty);
    }

    private static string Letters(Random random) => string.Concat(Enumerable.Range(0, 5 + random.Next(40)).Select(_ => "aaabbc"[random.Next(6)]));

    private static List<int> Encode(BpeModel model, string text)
    {
        var output = new List<int>();
        var merger = new BpeMerger(model, output);
        merger.Encode(text);
        return output;
    }
}
