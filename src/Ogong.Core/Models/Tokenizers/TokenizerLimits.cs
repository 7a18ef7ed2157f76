namespace Ogong.Models;

/// <summary>Bounds on tokenizers: several times those of published ones.</summary>
internal static class TokenizerLimits
{
    /// <summary>Bytes of a <c>tokenizer.json</c>.</summary>
    public const int FileBytes = 64 << 20;

    /// <summary>Token ids are below this.</summary>
    public const int Tokens = 1 << 20;

    /// <summary>Characters of a token.</summary>
    public const int TokenLength = 1024;

    /// <summary>Added tokens.</summary>
    public const int AddedTokens = 1 << 16;

    /// <summary>Merges.</summary>
    public const int Merges = 1 << 22;
}
