using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Cli.Local;

/// <summary>Shows a reply as it comes: its text where there is a tokenizer, else its token ids.</summary>
internal sealed class ReplyText(Output output, Tokenizer? tokenizer)
{
    private readonly TokenDecoder? _decoder = tokenizer?.CreateDecoder();

    public void Add(GeneratedToken token) => output.Part(_decoder is null ? $"{token.Token} " : _decoder.Append(token.Token));

    public void End() => output.Part((_decoder?.Finish() ?? "") + Environment.NewLine);
}
