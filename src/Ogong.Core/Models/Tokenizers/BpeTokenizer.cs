namespace Ogong.Models;

/// <summary>Byte-pair encoding in the forms that Llama, Mistral and Qwen use.</summary>
internal sealed class BpeTokenizer(BpeModel model, BpeSteps steps, TokenTexts texts, LeadingSpace leadingSpace) : Tokenizer
{
    private protected override TokenTexts Texts => texts;

    private protected override LeadingSpace LeadingSpace => leadingSpace;

    public override int[] Encode(string text, bool addSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = WellFormed(text);
        var tokens = new List<int>();
        if (addSpecial) tokens.AddRange(steps.Before);
        var pieces = new Pieces(new BpeMerger(model, tokens), steps);
        foreach (TextSection section in steps.RawTokens.Split(text))
        {
            if (section.Token >= 0) tokens.Add(section.Token);
            else EncodeNormalized(steps.Normalize(text[section.Start..section.End]), section.Start == 0, pieces, tokens);
        }
        if (addSpecial) tokens.AddRange(steps.After);
        return [.. tokens];
    }

    private void EncodeNormalized(string text, bool first, Pieces pieces, List<int> tokens)
    {
        foreach (TextSection section in steps.NormalizedTokens.Split(text))
        {
            if (section.Token >= 0) tokens.Add(section.Token);
            else pieces.Add(steps.Prepare(text[section.Start..section.End], first && section.Start == 0));
        }
    }

    /// <summary>The text with U+FFFD for every surrogate without its partner.</summary>
    private static string WellFormed(string text)
    {
        int at = 0;
        while (at < text.Length && !char.IsSurrogate(text[at])) at++;
        return at == text.Length ? text : string.Create(text.Length, text, static (target, source) =>
        {
            source.CopyTo(target);
            for (int i = 0; i < target.Length; i++)
            {
                if (i + 1 < target.Length && char.IsSurrogatePair(target[i], target[i + 1])) i++;
                else if (char.IsSurrogate(target[i])) target[i] = '\uFFFD';
            }
        });
    }
}
