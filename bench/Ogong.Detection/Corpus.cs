using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>
/// Text that the honest model sampled at temperature 1 in the exact profile: sequences of 32 prompt tokens and 224 reply tokens, seven windows each. A prompt is itself sampled, from the first token on.
/// </summary>
/// <param name="Sequences">Token ids, 256 each.</param>
/// <param name="Leaves">The hashes of the windows that the generator committed to while decoding.</param>
internal sealed record Corpus(int[][] Sequences, Digest[][] Leaves)
{
    /// <summary>Tokens of a prompt.</summary>
    public const int Prompt = 32;

    /// <summary>Tokens of a reply.</summary>
    public const int Reply = 7 * CommitmentWindow.Length;

    /// <summary>Tokens of a sequence.</summary>
    public const int Length = Prompt + Reply;

    /// <summary>Windows of a sequence.</summary>
    public const int Windows = Reply / CommitmentWindow.Length;

    /// <summary>What a consumer ordered of sequence <paramref name="index"/>.</summary>
    public static SamplingParameters Ordered(int index, ulong seed = 2_000_000, float temperature = 1) => SamplingParameters.Create(seed + (ulong)index, temperature);

    /// <summary>Samples a corpus.</summary>
    public static async Task<Corpus> SampleAsync(IBackend backend, IModelWeights model, int sequences)
    {
        using Segment segment = await Segment.LoadAsync(backend, model).ConfigureAwait(false);
        await using var generator = new TextGenerator([segment], new ExecutionOptions { ContextLength = Length, Sequences = 32 });
        int start = model.Config.VocabularySize - 2; // The shipped model's begin token.
        GenerationResult[] prompts = await RunAsync(i => [start], i => Ordered(i, seed: 1_000_000), Prompt - 1).ConfigureAwait(false);
        int[][] prompt = [.. prompts.Select(p => (int[])[start, .. p.Tokens.Span])];
        GenerationResult[] replies = await RunAsync(i => prompt[i], i => Ordered(i), Reply).ConfigureAwait(false);
        return new Corpus([.. replies.Select((r, i) => (int[])[.. prompt[i], .. r.Tokens.Span])], [.. replies.Select(r => r.Windows.Select(w => w.Leaf.LeafHash()).ToArray())]);

        Task<GenerationResult[]> RunAsync(Func<int, int[]> from, Func<int, SamplingParameters> sampling, int tokens) =>
            Task.WhenAll(Enumerable.Range(0, sequences).Select(i => generator.Start(
                new GenerationRequest { Prompt = from(i), MaxTokens = tokens, EndTokens = [], Sampling = sampling(i) }).Completion));
    }

    /// <summary>The leaves that an auditor computes from its own pass.</summary>
    public static Digest[] LeavesOf(Trace trace, int[] tokens)
    {
        int k = ProfileParameters.DefaultTopK;
        using var committer = new TextCommitter(trace.Width, SketchParameters.None, k);
        for (int i = 0; i < Reply; i++)
            committer.Append(tokens[Prompt + i], trace.Hidden.AsSpan(i * trace.Width, trace.Width), [], trace.TopIds.AsSpan(i * Trace.TopK, k), trace.TopLogprobs.AsSpan(i * Trace.TopK, k));
        committer.Finish();
        return [.. committer.Windows.Select(w => w.Leaf.LeafHash())];
    }
}
