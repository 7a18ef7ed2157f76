using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models.Tokenizers;

[Parallelizable(ParallelScope.All)]
public class TokenizerJsonTests
{
    /// <summary>A vocabulary that fits on a page: bytes of "ab ", and what they merge to.</summary>
    private const string Small = """
        {
          "added_tokens": [
            {"id": 7, "content": "<x>", "special": true, "normalized": false},
            {"id": 8, "content": "<x>y", "special": false, "normalized": false, "lstrip": true, "rstrip": true},
            {"id": 9, "content": "b!", "special": false, "normalized": true}
          ],
          "normalizer": null,
          "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
          "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<x>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<x>", "type_id": 0}}],
            "special_tokens": {"<x>": {"id": "<x>", "ids": [7], "tokens": ["<x>"]}}},
          "decoder": {"type": "ByteLevel"},
          "model": {"type": "BPE", "unk_token": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": {"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġa": 4, "Ġab": 5, "abb": 6},
            "merges": ["a b", "Ġ a", "Ġ ab", "ab b"]}
        }
        """;

    [TestCase("ab ab", new[] { 7, 3, 5, 7 })]
    [TestCase("", new[] { 7, 7 })]
    [TestCase("abbb", new[] { 7, 6, 1, 7 })]
    [TestCase("a<x>b", new[] { 7, 0, 7, 1, 7 })]
    [TestCase("a  <x>y  b", new[] { 7, 0, 8, 1, 7 }, Description = "the longest, with the white space around it")]
    [TestCase("ab!b", new[] { 7, 0, 9, 1, 7 })]
    [TestCase("aéb", new[] { 7, 0, 1, 7 }, Description = "bytes that are no token are dropped, as nothing stands for the unknown")]
    public void EncodesByHand(string text, int[] tokens) => Assert.That(Parse(Small).Encode(text), Is.EqualTo(tokens));

    [TestCase("add_prefix_space\": false", "add_prefix_space\": true", "ab", new[] { 7, 5, 7 })]
    [TestCase("add_prefix_space\": false", "add_prefix_space\": true", " ab<x>b", new[] { 7, 5, 7, 2, 1, 7 })]
    [TestCase("\"unk_token\": null", "\"unk_token\": \"abb\"", "aéb", new[] { 7, 0, 6, 6, 1, 7 })]
    [TestCase("\"unk_token\": null, \"fuse_unk\": false", "\"unk_token\": \"abb\", \"fuse_unk\": true", "aéb", new[] { 7, 0, 6, 1, 7 })]
    [TestCase("\"ignore_merges\": false", "\"ignore_merges\": true", " a", new[] { 7, 4, 7 })]
    [TestCase("\"merges\": [\"a b\", ", "\"merges\": [", " ab", new[] { 7, 4, 1, 7 })]
    [TestCase("\"normalizer\": null", "\"normalizer\": {\"type\": \"Prepend\", \"prepend\": \"\u2581\"}", "", new[] { 7, 7 })]
    [TestCase("\"pre_tokenizer\": {\"type\": \"ByteLevel\", ", "\"pre_tokenizer\": {\"type\": \"Digits\", ", "ab", new[] { 7, 3, 7 })]
    public void OptionsCount(string old, string replacement, string text, int[] tokens)
    {
        string json = Small.Replace(old, replacement, StringComparison.Ordinal);
        Assert.That(json, Is.Not.EqualTo(Small));
        Assert.That(Parse(json).Encode(text), Is.EqualTo(tokens));
    }

    /// <summary>Metaspace as it is spelt, older and newer: whether it puts a ▁ before what has none, and takes it away again.</summary>
    [TestCase("\"add_prefix_space\": true", "a b", "▁a▁b", "a b")]
    [TestCase("\"add_prefix_space\": true", " b", "▁b", "b")]
    [TestCase("\"add_prefix_space\": false", "a b", "a▁b", "a b")]
    [TestCase("\"prepend_scheme\": \"never\"", " b", "▁b", " b")]
    [TestCase("\"prepend_scheme\": \"always\"", "a<s>b", "▁a<s>▁b", "a b")]
    [TestCase("\"prepend_scheme\": \"first\"", "a<s>b", "▁a<s>b", "ab")]
    [TestCase("\"prepend_scheme\": \"first\"", "<s>b", "<s>b", "b")]
    public void MetaspaceInAllItsForms(string scheme, string text, string spelt, string decoded)
    {
        string step = $$"""{"type": "Metaspace", "replacement": "▁", {{scheme}} }""";
        Tokenizer tokenizer = Parse($$"""
            {"added_tokens": [{"id": 0, "content": "<s>", "special": true, "normalized": false}], "pre_tokenizer": {{step}}, "decoder": {{step}},
             "model": {"type": "BPE", "vocab": {"▁": 1, "a": 2, "b": 3}, "merges": []} }
            """);
        Assert.That(tokenizer.Encode(text), Is.EqualTo(spelt.Replace("<s>", "s", StringComparison.Ordinal).Select(c => "s▁ab".IndexOf(c, StringComparison.Ordinal))));
        Assert.That(tokenizer.Decode(tokenizer.Encode(text)), Is.EqualTo(decoded));
    }

    [Test]
    public void DecodesByHand()
    {
        Tokenizer tokenizer = Parse(Small);
        Assert.That(tokenizer.Encode("ab", addSpecial: false), Is.EqualTo(new[] { 3 }));
        Assert.That(tokenizer.Decode([7, 3, 5, 8, 9, 7, 10, 1000]), Is.EqualTo("ab ab<x>yb!"));
        Assert.That(tokenizer.TokenCount, Is.EqualTo(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-1]));
        Assert.Throws<ArgumentNullException>(() => tokenizer.Encode(null!));
    }

    [Test]
    public void BytesComeOutWhenTheirCharacterIsWhole()
    {
        Tokenizer llama = TokenizerFamilies.All.Single(f => f.Name == "Llama 2").Tokenizer;
        TokenDecoder decoder = llama.CreateDecoder();
        int[] tokens = llama.Encode(" 鬱!", addSpecial: false); // not in the vocabulary
        Assert.That(tokens.Select(decoder.Append).ToArray(), Is.EqualTo(new[] { " ", "", "", "鬱", "!" }));
        Assert.That(llama.Decode([1, 3 + 0xE9, 2]), Is.EqualTo("\uFFFD"), "a special token ends a character");
        Assert.That(llama.Decode([3 + 0xE9, 3 + (byte)'a']), Is.EqualTo("\uFFFDa"));
    }

    private static readonly (string Old, string New, string Reason)[] s_refused =
    [
        ("\"BPE\"", "\"Unigram\"", "'Unigram' is not supported"),
        ("\"BPE\"", "\"WordPiece\"", "'WordPiece' is not supported"),
        ("\"BPE\"", "null, \"merges\": null, \"x\": 0", "not valid JSON"),
        ("\"merges\": [", "\"mergez\": [", "merges is missing"),
        ("\"vocab\"", "\"vocap\"", "vocab is missing"),
        ("\"a\": 0", "\"a\": 1", "The id 1 belongs to two tokens, 'a' and 'b'"),
        ("\"a\": 0", "\"a\": -1", "is -1, outside"),
        ("\"a\": 0", "\"a\": 1048576", "is 1048576, outside"),
        ("\"a\": 0", "\"a\": 0.5", "is not an integer"),
        ("\"a\": 0", "\"a\": 0, \"a\": 10", "states a key twice"),
        ("\"a b\"", "\"a c\"", "names 'c', which is no token"),
        ("\"a b\"", "\"b a\"", "names 'ba', which is no token"),
        ("\"a b\"", "\"ab\"", "is not two tokens"),
        ("\"a b\"", "\"a b\", \"a b\"", "is stated twice"),
        ("\"a b\"", "[\"a\", \"\"]", "has an empty side"),
        ("\"a b\"", "[\"a\"]", "neither a string nor a pair"),
        ("\"unk_token\": null", "\"unk_token\": \"?\"", "unk_token is not in the vocabulary"),
        ("\"unk_token\": null", "\"dropout\": 0.1", "dropout is not supported"),
        ("\"unk_token\": null", "\"end_of_word_suffix\": \"</w>\"", "end_of_word_suffix is not supported"),
        ("\"id\": 7", "\"id\": 6", "The id 6 belongs to two tokens, 'abb' and '<x>'"),
        ("\"id\": 8", "\"id\": 7", "The id 7 belongs to two tokens, '<x>' and '<x>y'"),
        ("\"content\": \"<x>y\"", "\"content\": \"ab\"", "The added token 'ab' has two ids, 3 and 8"),
        ("\"content\": \"<x>y\"", "\"content\": \"\"", "The added token 8 is empty"),
        ("\"id\": 8, \"content\": \"<x>y\"", "\"id\": 7, \"content\": \"<x>\"", "is stated twice"),
        ("\"lstrip\": true", "\"single_word\": true", "added_tokens[1].single_word is not supported"),
        ("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFKC\"}", "normalizer.type 'NFKC' is not supported"),
        ("\"normalizer\": null", "\"normalizer\": {\"type\": \"Prepend\", \"prepend\": \"_\"}", "normalizer.prepend is '_'"),
        ("\"normalizer\": null", "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": \"a\"}, \"content\": \"b\"}", "normalizer.pattern.String is missing"),
        ("\"ByteLevel\", \"add", "\"Whitespace\", \"add", "pre_tokenizer.type 'Whitespace' is not supported"),
        ("\"ByteLevel\", \"add", "\"Split\", \"pattern\": {\"Regex\": \"\\\\w+\"}, \"behavior\": \"Isolated\", \"add", "is not one of the supported patterns"),
        ("\"ByteLevel\", \"add", "\"Split\", \"pattern\": {\"String\": \" \"}, \"behavior\": \"Isolated\", \"add", "pattern is not a Regex"),
        ("\"ByteLevel\", \"add", "\"Metaspace\", \"replacement\": \"_\", \"add", "replacement is '_'"),
        ("\"single\": [", "\"single\": [{\"Sequence\": {\"id\": \"B\"}}, ", "neither a special token nor the text"),
        ("\"ids\": [7]", "\"ids\": [70]", "names a token that is not there"),
        ("\"TemplateProcessing\"", "\"BertProcessing\"", "'BertProcessing' is not supported"),
        ("\"decoder\": {\"type\": \"ByteLevel\"}", "\"decoder\": null", "decoder is missing"),
        ("\"decoder\": {\"type\": \"ByteLevel\"}", "\"decoder\": {\"type\": \"WordPiece\"}", "'WordPiece' is not supported"),
        ("\"decoder\": {\"type\": \"ByteLevel\"}", "\"decoder\": {\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}", "not supported at this place"),
    ];

    private static IEnumerable<TestCaseData> Refused() => s_refused.Select(r => new TestCaseData(r.Old, r.New, r.Reason).SetArgDisplayNames(r.Reason));

    [TestCaseSource(nameof(Refused))]
    public void RefusesByName(string old, string replacement, string reason)
    {
        int at = Small.IndexOf(old, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThan(0));
        string json = string.Concat(Small.AsSpan(0, at), replacement, Small.AsSpan(at + old.Length));
        Assert.That(() => Parse(json), Throws.TypeOf<ModelFormatException>().With.Message.Contains(reason));
    }

    [Test]
    public void SizesAreBounded()
    {
        Refuses(json => json["model"]!["vocab"]![new string('c', 1025)] = 20, "longer than 1024");
        Refuses(json => json["added_tokens"]!.AsArray().Add(TokenizerFamilies.Added(20, new string('c', 257))), "longer than 256");
        Refuses(json => json["added_tokens"] = new JsonArray([.. Enumerable.Range(20, (1 << 16) + 1).Select(i => (JsonNode)TokenizerFamilies.Added(i, $"{i}"))]), "more than 65536");
        Refuses(json => json["added_tokens"] = new JsonArray([.. Enumerable.Range(20, 4097).Select(i => (JsonNode)TokenizerFamilies.Added(i, $"{i}".PadRight(256)))]), "more than 1048576 characters");
        Refuses(json => json["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray([.. Enumerable.Range(0, 17).Select(_ => (JsonNode)new JsonObject { ["type"] = "NFC" })]) }, "more than 16");
        JsonNode nested = new JsonObject { ["type"] = "NFC" };
        for (int i = 0; i < 20; i++) nested = new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(nested) };
        Refuses(json => json["normalizer"] = nested, "not valid JSON");
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder.Json)) file.SetLength((64 << 20) + 1);
        Assert.That(() => Tokenizer.Open(folder.Path), Throws.TypeOf<ModelFormatException>().With.Message.Contains("more than the 67108864 allowed"));
    }

    [Test]
    public void FoldersAreOpened()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Tokenizer.Open(folder.Path), Throws.TypeOf<ModelFormatException>().With.Message.Contains("missing"));
        File.WriteAllText(folder.Json, Small);
        Assert.That(Tokenizer.Open(folder.Path).Encode("ab"), Is.EqualTo(new[] { 7, 3, 7 }));
    }

    [Test]
    public void MutatedFilesAreRefusedOrWork()
    {
        byte[][] valid = [Encoding.UTF8.GetBytes(Small), Encoding.UTF8.GetBytes(JsonNode.Parse(TokenizerFamilies.SentencePieceJson().ToJsonString())!.ToJsonString())];
        string text = "ab <x>y ab! 語\u0301\ud800\n é123 it's";
        foreach ((byte[] bytes, int cases) in valid.Zip([20_000, 1_000]))
        {
            (int ok, int refused) = ModelFormatFuzzTests.Fuzz(bytes, 41, b =>
            {
                Tokenizer tokenizer = TokenizerJson.Parse(b, "tokenizer.json");
                tokenizer.Decode(tokenizer.Encode(text));
            }, cases);
            Assert.That((ok > cases / 100, refused > cases / 4), Is.EqualTo((true, true)), $"{ok} accepted, {refused} refused");
        }
    }

    private static void Refuses(Action<JsonNode> change, string reason)
    {
        JsonNode json = JsonNode.Parse(Small)!;
        change(json);
        Assert.That(() => Parse(json.ToJsonString()), Throws.TypeOf<ModelFormatException>().With.Message.Contains(reason));
    }

    private static Tokenizer Parse(string json) => TokenizerJson.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json");

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("ogong-tokenizer-").FullName;

        public string Json => System.IO.Path.Combine(Path, "tokenizer.json");

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
