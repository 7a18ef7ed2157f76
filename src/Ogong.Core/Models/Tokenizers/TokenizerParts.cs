namespace Ogong.Models;

/// <summary>Which algorithm a vocabulary belongs to, by GGUF's <c>tokenizer.ggml.model</c>.</summary>
internal enum TokenizerModel
{
    /// <summary><c>gpt2</c>: byte-level BPE with ranked merges.</summary>
    ByteLevelBpe,

    /// <summary><c>llama</c>: SentencePiece BPE with a score per piece and byte fallback.</summary>
    SentencePieceBpe,
}

/// <summary>What a token is, by the numbers of SentencePiece and of GGUF's <c>tokenizer.ggml.token_type</c>.</summary>
internal enum TokenType
{
    /// <summary>Text, reached by merging.</summary>
    Normal = 1,

    /// <summary>Stands for what the vocabulary cannot spell.</summary>
    Unknown = 2,

    /// <summary>Special: has no text.</summary>
    Control = 3,

    /// <summary>Text that is matched whole, before anything else.</summary>
    UserDefined = 4,

    /// <summary>Takes no part in encoding.</summary>
    Unused = 5,

    /// <summary>A byte, spelt <c>&lt;0xHH&gt;</c>.</summary>
    Byte = 6,
}

/// <summary>A tokenizer as the metadata of a GGUF file states it.</summary>
internal sealed record TokenizerParts
{
    /// <summary><c>tokenizer.ggml.model</c></summary>
    public required TokenizerModel Model { get; init; }

    /// <summary><c>tokenizer.ggml.tokens</c>, by id.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary><c>tokenizer.ggml.token_type</c>, by id; null: all normal.</summary>
    public IReadOnlyList<int>? Types { get; init; }

    /// <summary><c>tokenizer.ggml.scores</c>, by id; SentencePiece needs them.</summary>
    public IReadOnlyList<float>? Scores { get; init; }

    /// <summary><c>tokenizer.ggml.merges</c>, each two tokens with a space between, the first merged first; byte-level BPE needs them.</summary>
    public IReadOnlyList<string>? Merges { get; init; }

    /// <summary><c>tokenizer.ggml.pre</c>; null is <c>default</c>. Byte-level BPE only.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary><c>tokenizer.ggml.bos_token_id</c></summary>
    public int? BeginToken { get; init; }

    /// <summary><c>tokenizer.ggml.eos_token_id</c></summary>
    public int? EndToken { get; init; }

    /// <summary><c>tokenizer.ggml.unknown_token_id</c></summary>
    public int? UnknownToken { get; init; }

    /// <summary><c>tokenizer.ggml.add_bos_token</c>; null is what the model or pre-tokenizer does by default.</summary>
    public bool? AddBegin { get; init; }

    /// <summary><c>tokenizer.ggml.add_eos_token</c>; null is no.</summary>
    public bool? AddEnd { get; init; }

    /// <summary><c>tokenizer.ggml.add_space_prefix</c>; null is yes for SentencePiece and no for byte-level BPE.</summary>
    public bool? AddSpacePrefix { get; init; }
}
