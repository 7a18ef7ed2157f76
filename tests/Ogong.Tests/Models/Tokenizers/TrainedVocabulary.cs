using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ogong.Tests.Models.Tokenizers;

/// <summary>A small vocabulary trained by the textbook on a passage of the King James text and a few lines in other scripts.</summary>
internal sealed class TrainedVocabulary
{
    private const string OtherScripts =
        "Привет, мир!  日本語と中文   한국어 naïve café déjà-vu iPhone McDonald's 12 345 67890 ½ Ⅷ 😀😀 👨‍👩‍👧\n\n\tif (x == 10) { return y[i]; }\r\n";

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    private TrainedVocabulary(IEnumerable<string> words, IEnumerable<string> alphabet, int merges)
    {
        Tokens.AddRange(alphabet.Distinct());
        var counted = words.GroupBy(w => w).Select(g => (Symbols: NaiveBpe.Characters(g.Key).ToList(), Count: g.Count())).ToList();
        while (Merges.Count < merges)
        {
            var pairs = counted.SelectMany(w => w.Symbols.Zip(w.Symbols.Skip(1), (l, r) => (Pair: (l, r), w.Count))).GroupBy(p => p.Pair);
            ((string Left, string Right) pair, int count) = pairs.Select(g => (g.Key, Count: g.Sum(p => p.Count)))
                .OrderByDescending(p => p.Count).ThenBy(p => p.Key.l + p.Key.r, StringComparer.Ordinal).FirstOrDefault();
            if (count < 2) break;
            Merges.Add(pair);
            if (!Tokens.Contains(pair.Left + pair.Right)) Tokens.Add(pair.Left + pair.Right);
            foreach ((List<string> symbols, _) in counted)
                for (int i = 0; i + 1 < symbols.Count; i++)
                    if ((symbols[i], symbols[i + 1]) == pair) (symbols[i], _) = (symbols[i] + symbols[i + 1], Remove(symbols, i + 1));
        }
        for (int id = 0; id < Tokens.Count; id++) _ids.Add(Tokens[id], id);
    }

    public static TrainedVocabulary ByteLevel { get; } = new(
        NaiveBpe.Split(Ogong.Models.Scanners.Gpt2Pattern, Corpus()).Select(NaiveBpe.Spell),
        Enumerable.Range(0, 256).Select(b => NaiveBpe.Alphabet[b].ToString()), 300);

    /// <summary>With ▁ for spaces; tokens 0, 1 and 2 are unknown, begin and end, then the bytes.</summary>
    public static TrainedVocabulary SentencePiece { get; } = new(
        NaiveBpe.Split("▁*[^▁]+", "▁" + Corpus().Replace(' ', '▁')),
        [.. (string[])["<unk>", "<s>", "</s>"], .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), "▁", .. NaiveBpe.Characters(Corpus().Replace(' ', '▁'))], 300);

    public List<string> Tokens { get; } = [];

    public List<(string Left, string Right)> Merges { get; } = [];

    /// <summary>Id of a token, or −1.</summary>
    public int Find(string token) => _ids.GetValueOrDefault(token, -1);

    /// <summary>The model of a <c>tokenizer.json</c>.</summary>
    public JsonObject Model(bool pairs = false) => new()
    {
        ["type"] = "BPE",
        ["dropout"] = null,
        ["unk_token"] = null,
        ["continuing_subword_prefix"] = null,
        ["end_of_word_suffix"] = "",
        ["fuse_unk"] = false,
        ["byte_fallback"] = false,
        ["vocab"] = new JsonObject(Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
        ["merges"] = new JsonArray([.. Merges.Select(m => pairs ? (JsonNode)new JsonArray(m.Left, m.Right) : $"{m.Left} {m.Right}")]),
    };

    private static string Corpus()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Vector("golden", "kjv.json")));
        string kjv = string.Concat(golden.RootElement.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32()).Where(t => t < 256).Select(t => (char)t));
        return kjv + OtherScripts + OtherScripts;
    }

    private static int Remove(List<string> symbols, int index)
    {
        symbols.RemoveAt(index);
        return index;
    }
}
