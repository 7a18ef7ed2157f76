using System.Security.Cryptography;
using Ogong.Bytes;

namespace Ogong.Models;

/// <summary>Where a model's tokenizer comes from.</summary>
public enum TokenizerKind : byte
{
    /// <summary>The model's files have none: token ids in, token ids out.</summary>
    None = 0,

    /// <summary>A token is a byte; see <see cref="ByteTokenizer"/>.</summary>
    Bytes = 1,

    /// <summary>A <c>tokenizer.json</c>, bound by its digest; see <see cref="Tokenizer.Open"/>.</summary>
    File = 2,

    /// <summary>The <c>tokenizer.ggml</c> metadata of a GGUF file, bound by its digest.</summary>
    Gguf = 3,
}

/// <summary>
/// Which tokenizer a model goes with, as bound by <c>model_root</c>: the same ids mean another text under another tokenizer.
/// </summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Sha256">SHA-256 of <c>tokenizer.json</c> for <see cref="TokenizerKind.File"/>, tagged hash of the metadata for <see cref="TokenizerKind.Gguf"/>, else
/// zero.</param>
public sealed record TokenizerIdentity(TokenizerKind Kind, Digest Sha256)
{
    /// <summary>Largest <c>tokenizer.json</c> read.</summary>
    internal const int MaxFileBytes = 256 << 20;

    /// <summary>No tokenizer.</summary>
    public static TokenizerIdentity None { get; } = new(TokenizerKind.None, default);

    /// <summary>The byte-level tokenizer.</summary>
    public static TokenizerIdentity Bytes { get; } = new(TokenizerKind.Bytes, default);

    /// <summary>The tokenizer of a model folder.</summary>
    internal static TokenizerIdentity Of(string folder, int vocabularySize)
    {
        string path = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(path)) return GgufTokenizerFile.Identity(folder) ?? (vocabularySize == ByteTokenizer.VocabularySize ? Bytes : None);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > MaxFileBytes)
            throw new ModelFormatException(path, $"The file has {stream.Length} bytes, more than the {MaxFileBytes} allowed.");
        return new TokenizerIdentity(TokenizerKind.File, new Digest(SHA256.HashData(stream)));
    }
}
