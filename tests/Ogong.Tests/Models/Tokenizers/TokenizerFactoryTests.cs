using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models.Tokenizers;

/// <summary>Tokenizers of GGUF's parts.</summary>
[Parallelizable(ParallelScope.All)]
public class TokenizerFactoryTests
{
    private static TokenizerParts Pieces() => new()
    {
        Model = TokenizerModel.SentencePieceBpe,
        Tokens = ["<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "▁", "a", "b", "ab", "▁a", "▁▁", "spare", "it"],
        Types = [2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 4, 5, 1],
        Scores = [0, 0, 0, 0, 0, -9, -9, -9, -1, -2, 0, 0, -3],
    };

    [TestCase("ab", new[] { 1, 5, 8 }, Description = "the higher score first")]
    [TestCase("a b", new[] { 1, 9, 5, 7 })]
    [TestCase("a  b", new[] { 1, 9, 10, 5, 7 }, Description = "a user-defined token, then a new stretch with a space before it")]
    [TestCase("aé", new[] { 1, 9, 3, 4 })]
    [TestCase("it", new[] { 1, 5, 12 }, Description = "merged of letters that are no tokens themselves")]
    [TestCase("spare", new[] { 1, 5, 0, 6, 0 }, Description = "unused tokens take no part; unknown characters in a row are one")]
    [TestCase("<s>a", new[] { 1, 1, 9 })]
    public void SentencePieceByHand(string text, int[] tokens) => Assert.That(Create(Pieces()).Encode(text), Is.EqualTo(tokens));

    /// <summary>Cutting the text where a run of ▁ begins is the same only while no token has one inside.</summary>
    [Test]
    public void TokensMayCrossSpaces()
    {
        TokenizerParts parts = Pieces();
        parts = parts with { Tokens = [.. parts.Tokens, "a▁", "a▁b"], Types = [.. parts.Types!, 1, 1], Scores = [.. parts.Scores!, 0, 1] };
        Assert.That(Create(parts).Encode("a b"), Is.EqualTo(new[] { 1, 5, 14 }));
    }

    [Test]
    public void OfEqualScoresTheLeftmostMergesFirst()
    {
        TokenizerParts parts = Pieces();
        parts = parts with { Tokens = [.. parts.Tokens, "ba"], Types = [.. parts.Types!, 1], Scores = [.. parts.Scores!, -1], AddSpacePrefix = false };
        Assert.That(Create(parts).Encode("bab"), Is.EqualTo(new[] { 1, 13, 7 }));
    }

    [Test]
    public void SpecialTokensAndSpacesAreOptional()
    {
        Tokenizer tokenizer = Create(Pieces() with { AddBegin = false, AddEnd = true, AddSpacePrefix = false });
        Assert.That(tokenizer.Encode("ab"), Is.EqualTo(new[] { 8, 2 }));
        Assert.That((tokenizer.Decode([9, 10]), Create(Pieces()).Decode([9, 10, 3, 4, 2])), Is.EqualTo((" a  ", "a  é")));
    }

    [TestCase("llama-bpe", true)]
    [TestCase("tekken", true)]
    [TestCase("qwen2", false)]
    [TestCase("gpt-2", false)]
    [TestCase(null, false)]
    public void TheNameDecidesWhatBegins(string? name, bool begins)
    {
        TokenizerParts parts = TokenizerFamilies.ByteLevelParts("qwen2") with { PreTokenizer = name };
        Assert.That(Create(parts).Encode(""), Is.EqualTo(begins ? [TokenizerFamilies.End] : Array.Empty<int>()));
        Assert.That(Create(parts with { AddBegin = !begins }).Encode(""), Is.EqualTo(begins ? Array.Empty<int>() : [TokenizerFamilies.End]));
    }

    private static readonly (TokenizerParts Parts, string Reason)[] s_refused =
    [
        (Pieces() with { Scores = null }, "tokenizer.ggml.scores is missing"),
        (Pieces() with { Scores = [1] }, "scores has 1 entries where tokenizer.ggml.tokens has 13"),
        (Pieces() with { Types = [1] }, "token_type has 1 entries"),
        (Pieces() with { Types = [2, 3, 3, 6, 6, 1, 1, 1, 1, 1, 4, 5, 7] }, "token_type of token 12 is 7"),
        (Pieces() with { Scores = [0, 0, 0, 0, 0, -9, -9, float.NaN, -1, -2, 0, 0, 0] }, "scores of token 7 is not a number"),
        (Pieces() with { Tokens = ["<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "▁", "a", "a", "ab", "▁a", "▁▁", "spare", "it"] }, "'a' has two ids, 6 and 7"),
        (Pieces() with { BeginToken = 13 }, "bos_token_id, which is no token"),
        (Pieces() with { UnknownToken = -1 }, "unknown_token_id is -1"),
        (TokenizerFamilies.ByteLevelParts("deepseek-llm"), "tokenizer.ggml.pre 'deepseek-llm' is not supported"),
        (TokenizerFamilies.ByteLevelParts("qwen2") with { Merges = null }, "tokenizer.ggml.merges is missing"),
        (TokenizerFamilies.ByteLevelParts("qwen2") with { Merges = ["a"] }, "is not two tokens"),
        (TokenizerFamilies.ByteLevelParts("llama-bpe") with { BeginToken = null }, "add_bos_token asks for"),
        (new TokenizerParts { Model = TokenizerModel.ByteLevelBpe, Tokens = new string[(1 << 20) + 1] }, "more than 1048576"),
    ];

    private static IEnumerable<TestCaseData> Refused() => Enumerable.Range(0, s_refused.Length).Select(i => new TestCaseData(i).SetArgDisplayNames(s_refused[i].Reason));

    [TestCaseSource(nameof(Refused))]
    public void RefusesByName(int which)
        => Assert.That(() => Create(s_refused[which].Parts), Throws.TypeOf<ModelFormatException>().With.Message.Contains(s_refused[which].Reason));

    private static Tokenizer Create(TokenizerParts parts) => TokenizerFactory.Create(parts, "test.gguf");
}
