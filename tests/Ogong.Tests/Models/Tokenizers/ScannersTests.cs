using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models.Tokenizers;

[Parallelizable(ParallelScope.All)]
internal sealed class ScannersTests
{
    private static readonly (string Name, Scanner Scanner, string Pattern)[] s_scanners =
    [
        ("GPT-2", Scanners.Gpt2, Scanners.Gpt2Pattern),
        ("Llama 3", Scanners.Llama3, Folding(Scanners.Llama3Pattern)),
        ("Qwen 2", Scanners.Qwen2, Folding(Scanners.Qwen2Pattern)),
        ("Tekken", Scanners.OfPattern(Scanners.TekkenPattern)!, Scanners.TekkenPattern),
        ("digits", Scanners.Digits, @"\p{N}"),
        ("number runs", Scanners.NumberRuns, @"\p{N}+"),
        ("punctuation", Scanners.OfName("default")![0], @"[\p{P}\$\+<=>\^~\|]+"),
        ("three digits", Scanners.OfName("default")![3], "[0-9][0-9][0-9]"),
        ("single space marks", Scanners.SingleSpaceMarks, "▁?[^▁]*|▁"),
    ];

    /// <summary>Each against the published pattern under .NET's backtracking engine, on 4000 texts.</summary>
    [TestCaseSource(nameof(Names))]
    public void CutsAsThePatternDoes(string name)
    {
        (_, Scanner scanner, string pattern) = s_scanners.Single(s => s.Name == name);
        var random = new Random(11);
        for (int i = 0; i < 4000; i++)
        {
            string text = NaiveBpe.WellFormed(RandomText.Next(random));
            Assert.That(Cut(scanner, text), Is.EqualTo(NaiveBpe.Split(pattern, text).Where(p => p.Length > 0)), text);
        }
    }

    [TestCase("I'm 1234 years", "I|'m| 1234| years")]
    [TestCase("a  b\n", "a| | b|\n")]
    public void Gpt2(string text, string pieces) => Assert.That(Cut(Scanners.Gpt2, text), Is.EqualTo(pieces.Split('|')));

    [TestCase("I'M 1234 \n\n  years!\n", "I|'M| |123|4| \n\n| | years|!\n")]
    [TestCase("x\t=(y)", "x|\t|=(|y|)")]
    public void Llama3(string text, string pieces) => Assert.That(Cut(Scanners.Llama3, text), Is.EqualTo(pieces.Split('|')));

    [Test]
    public void LongRunsTakeNoSquareOfTheirLength()
    {
        foreach ((string name, Scanner scanner, _) in s_scanners)
            foreach (string unit in (string[])["a", "A", " ", " \n", "語", "\u0301", "ªA", "'", "12", "!", "▁", "😀"])
            {
                string text = string.Concat(Enumerable.Repeat(unit, 30_000));
                Assert.That(Cut(scanner, text).Sum(p => p.Length), Is.EqualTo(text.Length), $"{name}: {unit}");
            }
    }

    [Test]
    public void PatternsAndNamesOfOthersAreNotKnown()
        => Assert.That((Scanners.OfPattern(@"\w+"), Scanners.OfName("deepseek-llm")), Is.EqualTo(((Scanner?)null, (Scanner[]?)null)));

    /// <summary>.NET's engine does not count ſ as an s when it ignores case; Unicode's case folding, which the tokenizers' engine uses, does.</summary>
    private static string Folding(string pattern) => pattern.Replace("(?i:'s|", "(?i:'s|'ſ|", StringComparison.Ordinal);

    private static IEnumerable<string> Names() => s_scanners.Select(s => s.Name);

    private static List<string> Cut(Scanner scanner, string text)
    {
        var pieces = new List<string>();
        for (int at = 0; at < text.Length;)
        {
            int end = scanner(text, at);
            pieces.Add(text[at..end]);
            at = end;
        }
        return pieces;
    }
}
