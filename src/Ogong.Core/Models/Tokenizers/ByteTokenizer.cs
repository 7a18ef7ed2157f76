using System.Text;

namespace Ogong.Models;

/// <summary>
/// Text as bytes: token t &lt; 256 is the byte t of the UTF-8 text, 256 begins a sequence, 257 ends it. Used where a model's vocabulary is
/// <see cref="VocabularySize"/> and its folder has no <c>tokenizer.json</c>. The instance is <see cref="Tokenizer.Bytes"/>.
/// </summary>
public sealed class ByteTokenizer : Tokenizer
{
    /// <summary>Token that begins a sequence.</summary>
    public const int BeginToken = 256;

    /// <summary>Token that ends a sequence.</summary>
    public const int EndToken = 257;

    /// <summary>Bytes and the two markers.</summary>
    public const int VocabularySize = 258;

    internal ByteTokenizer()
    {
        var texts = new TokenTexts.Builder(VocabularySize);
        for (int i = 0; i < 256; i++) texts.Add([(byte)i]);
        texts.AddSpecial();
        texts.AddSpecial();
        Texts = texts.Build();
    }

    private protected override TokenTexts Texts { get; }

    /// <summary>The UTF-8 bytes of a text, after <see cref="BeginToken"/> if <paramref name="addSpecial"/>.</summary>
    public override int[] Encode(string text, bool addSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int begin = addSpecial ? 1 : 0;
        int[] tokens = new int[begin + bytes.Length];
        if (addSpecial) tokens[0] = BeginToken;
        for (int i = 0; i < bytes.Length; i++) tokens[begin + i] = bytes[i];
        return tokens;
    }
}
