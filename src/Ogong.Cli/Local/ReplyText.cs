using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Cli.Local;

/// <summary>Shows a reply as it comes: its text where the model has one, else its token ids.</summary>
internal sealed class ReplyText(Output output, ModelConfig config)
{
    private readonly ByteTokenDecoder? _decoder = PromptText.IsBytes(config) ? new ByteTokenDecoder() : null;

    public void Add(GeneratedToken token) => output.Part(_decoder is null ? $"{token.Token} " : _decoder.Append(token.Token));

    public void End() => output.Part((_decoder?.Finish() ?? "") + Environment.NewLine);
}
