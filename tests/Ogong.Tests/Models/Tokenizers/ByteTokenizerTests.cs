using System.Text;
using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models.Tokenizers;

public class ByteTokenizerTests
{
    [TestCase("")]
    [TestCase("In the beginning")]
    [TestCase("äöü – 𝕳ello 語\n\0")]
    public void TextRoundTrips(string text)
    {
        int[] tokens = Tokenizer.Bytes.Encode(text);
        Assert.That(tokens[0], Is.EqualTo(256));
        Assert.That(tokens[1..].Select(t => (byte)t), Is.EqualTo(Encoding.UTF8.GetBytes(text)));
        Assert.That(Tokenizer.Bytes.Decode([.. tokens, 257]), Is.EqualTo(text));
        Assert.That(Tokenizer.Bytes.Encode(text, addSpecial: false), Is.EqualTo(tokens[1..]));
    }

    [Test]
    public void StreamedTextEqualsWholeText()
    {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            int[] tokens = [.. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(3) == 0 ? random.Next(256) : "aé語𝕳"u8[random.Next(10)])];
            TokenDecoder decoder = Tokenizer.Bytes.CreateDecoder();
            string streamed = string.Concat(tokens.Select(decoder.Append)) + decoder.Finish();
            Assert.That(streamed, Is.EqualTo(Encoding.UTF8.GetString([.. tokens.Select(t => (byte)t)])));
            Assert.That(Tokenizer.Bytes.Decode(tokens), Is.EqualTo(streamed));
        }
    }

    [Test]
    public void ACharacterAppearsWithItsLastByte()
    {
        TokenDecoder decoder = Tokenizer.Bytes.CreateDecoder();
        Assert.That("語"u8.ToArray().Select(b => decoder.Append(b)), Is.EqualTo(new[] { "", "", "語" }));
        decoder.Append(0xE8);
        Assert.That(decoder.Append(ByteTokenizer.EndToken), Is.EqualTo("\uFFFD"), "a marker ends an unfinished character");
    }

    [Test]
    public void OtherTokensHaveNoTextAndBrokenTextIsReplaced()
    {
        Assert.That(Tokenizer.Bytes.Decode([0x41, 258, int.MaxValue, 0x42]), Is.EqualTo("AB"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Bytes.Decode([-1]));
        Assert.That(Tokenizer.Bytes.Encode("a\ud800b"), Is.EqualTo(Tokenizer.Bytes.Encode("a\uFFFDb")));
    }
}
