using System.Collections.Immutable;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Audit;

/// <summary>
/// Runs layers again, teacher-forced: every position is given, none is generated. The engine implements it; the auditor knows nothing else of models and devices.
/// </summary>
public interface IReexecutor
{
    /// <summary>Root of the model held.</summary>
    Digest ModelRoot { get; }

    /// <summary>Layers of the model, L.</summary>
    int Layers { get; }

    /// <summary>Values per state.</summary>
    int Width { get; }

    /// <summary>Entries of the vocabulary.</summary>
    int VocabularySize { get; }

    /// <summary>Most positions a sequence may take.</summary>
    int MaxPositions { get; }

    /// <summary>Work units of layers [<paramref name="firstLayer"/>, <paramref name="endLayer"/>) for a reply, by the model's manifest, with the embedding, the head and the sampling where the range includes an end.</summary>
    ulong WorkUnits(int firstLayer, int endLayer, int promptLength, int tokenCount);

    /// <summary>Runs a task.</summary>
    /// <exception cref="ArithmeticException">A value was not finite.</exception>
    ValueTask<SegmentReplay> ReplayAsync(ReplayTask task, CancellationToken cancellationToken = default);
}

/// <summary>Layers to run again and what to run them on. Positions are 0 … <see cref="Rows"/> − 1: the prompt, then every generated token but the last.</summary>
public sealed record ReplayTask
{
    /// <summary>First layer; 0 starts from the token ids.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>One past the last layer; the model's L ends with norm, head and the replay of the sampler's choices.</summary>
    public required int EndLayer { get; init; }

    /// <summary>Token ids of the prompt, at least one.</summary>
    public required ImmutableArray<int> Prompt { get; init; }

    /// <summary>Generated token ids, as claimed, at least one.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>Input states [Rows × Width], when <see cref="FirstLayer"/> is not 0.</summary>
    public ReadOnlyMemory<float> InputStates { get; init; }

    /// <summary>Profile, KV format, top-k.</summary>
    public required ProfileParameters Profile { get; init; }

    /// <summary>Bank to sketch outputs under; <see cref="SketchParameters.None"/> for none. The profile's own unless a challenge drew another.</summary>
    public required SketchParameters Sketch { get; init; }

    /// <summary>Sampling rule and seed, whose choices are replayed: generated token i at position Prompt.Length + i.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Proof of work to make on the way: append every row's states after <see cref="WorkHasher.Layer"/> in order. Null for none.</summary>
    public WorkHasher? Work { get; init; }

    /// <summary>Whether the output states are wanted, to feed the next segment.</summary>
    public bool KeepOutput { get; init; }

    /// <summary>Positions to run.</summary>
    public int Rows => Prompt.Length + Tokens.Length - 1;
}

/// <summary>What came out.</summary>
public sealed record SegmentReplay
{
    /// <summary>Commitment to the output states; null when the range ends with the head.</summary>
    public BoundaryCommitment? Output { get; init; }

    /// <summary>Output states [Rows × Width] if wanted.</summary>
    public ReadOnlyMemory<float> OutputStates { get; init; }

    /// <summary>Text windows over the claimed tokens, when the range ends with the head; with top-k values, and sketches if a bank was given.</summary>
    public IReadOnlyList<TextWindowEvidence> TextWindows { get; init; } = [];

    /// <summary>Per generated token, how far it is from the one the sampling rule chooses, in Gumbel-score units (logit units when greedy); 0 exactly for the chosen one. In the tolerance tier the least over the ordered rule and two that drop a few tokens more and fewer. Not negative, not a number for none.</summary>
    public IReadOnlyList<float> Margins { get; init; } = [];
}
