using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models.Tokenizers;

[Parallelizable(ParallelScope.All)]
public class CanonicalCompositionTests
{
    [TestCase("cafe\u0301", "caf\u00E9")]
    [TestCase("\u212B \u2126", "\u00C5 \u03A9", Description = "singletons")]
    [TestCase("a\u0301\u0316", "\u00E1\u0316", Description = "a mark of another class between does not block")]
    [TestCase("a\u0316\u0301", "\u00E1\u0316")]
    [TestCase("a\u0300\u0301", "\u00E0\u0301")]
    [TestCase("a\u0308\u0301", "\u00E4\u0301")]
    [TestCase("q\u0307\u0323", "q\u0323\u0307", Description = "ordered by class")]
    [TestCase("\u1E9B\u0323", "\u1E9B\u0323")]
    [TestCase("\u0958", "\u0915\u093C", Description = "excluded from composition")]
    [TestCase("\u1112\u1161\u11AB", "\uD55C")]
    [TestCase("\uD558\u11AB", "\uD55C")]
    [TestCase("\u1FC1", "\u1FC1")]
    [TestCase("\u0301a", "\u0301a")]
    [TestCase("\uD87E\uDC04\uD834\uDD5E", "\u4F60\uD834\uDD57\uD834\uDD65", Description = "beyond the basic plane")]
    public void ComposesAsTheStandardSays(string text, string composed)
    {
        Assert.That(CanonicalComposition.Compose(text), Is.EqualTo(composed));
        Assert.That(CanonicalComposition.Compose(composed), Is.EqualTo(composed));
    }

    /// <summary>The digest that Python's unicodedata 14.0 gives for the same lines.</summary>
    [Test]
    public void EveryCharacterAndAHundredThousandSequences()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string[] lines in Lines().Chunk(4096))
            sha.AppendData(Encoding.UTF8.GetBytes(CanonicalComposition.Compose(string.Join('\n', lines) + "\n")));
        Assert.That(Convert.ToHexStringLower(sha.GetHashAndReset()), Is.EqualTo("c3c6578a57893bacdff4c3c98a9e96e7174cee31d30da5d4095f9df73af918ea"));
    }

    [Test]
    public void TwoHundredThousandMarksInTheWrongOrderTakeNoSquareOfTheirNumber()
    {
        string marks = string.Concat(Enumerable.Repeat("\u0301\u0316", 100_000));
        Assert.That(CanonicalComposition.Compose("x" + marks), Is.EqualTo("x" + new string('\u0316', 100_000) + new string('\u0301', 100_000)));
    }

    private static IEnumerable<string> Lines()
    {
        for (int c = 0; c < 0x110000; c++)
            if (Rune.IsValid(c)) yield return new Rune(c).ToString();
        foreach (int letter in Enumerable.Range('A', 26).Append(0x3B1).Append(0x1112))
            for (int m = 0x300; m < 0x346; m++)
                for (int n = 0x300; n < 0x346; n++) yield return $"{(char)letter}{(char)m}{(char)n}";
        for (int l = 0x10FF; l < 0x1114; l++)
            for (int v = 0x1160; v < 0x1177; v++)
                for (int t = 0x11A6; t < 0x11C4; t++) yield return $"{(char)l}{(char)v}{(char)t}";
    }
}
