using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Detection;

/// <summary>
/// A stretch of the text that a model samples at temperature 1 in the exact profile: sequences of 32 prompt tokens and 224 reply tokens, seven windows each. A prompt is itself sampled, from the first token on.
/// A sequence is the same in whatever stretch it is sampled.
/// </summary>
/// <param name="First">Index of the first sequence.</param>
/// <param name="Sequences">Token ids, 256 each.</param>
/// <param name="Leaves">The hashes of the windows that the generator committed to while decoding.</param>
internal sealed record Corpus(int First, int[][] Sequences, Digest[][] Leaves)
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

    /// <summary>Samples sequences [<paramref name="first"/>, <paramref name="end"/>).</summary>
    /// <param name="backend">Where.</param>
    /// <param name="model">The model that chooses the text.</param>
    /// <param name="first">First sequence.</param>
    /// <param name="end">After the last.</param>
    /// <param name="prompts">Text whose prompts are continued; null to sample them too.</param>
    public static async Task<Corpus> SampleAsync(IBackend backend, IModelWeights model, int first, int end, Corpus? prompts = null)
    {
        using Segment segment = await Segment.LoadAsync(backend, model).ConfigureAwait(false);
        await using var generator = new TextGenerator([segment], new ExecutionOptions { ContextLength = Length, Sequences = 64 });
        int start = model.Config.VocabularySize - 2; // The shipped model's begin token.
        int[][] prompt = prompts is not null
            ? [.. prompts.Sequences.Select(s => s[..Prompt])]
            : [.. (await RunAsync(_ => [start], i => Ordered(i, seed: 1_000_000), Prompt - 1).ConfigureAwait(false)).Select(p => (int[])[start, .. p.Tokens.Span])];
        GenerationResult[] replies = await RunAsync(i => prompt[i - first], i => Ordered(i), Reply).ConfigureAwait(false);
        return new Corpus(first, [.. replies.Select((r, i) => (int[])[.. prompt[i], .. r.Tokens.Span])], [.. replies.Select(r => r.Windows.Select(w => w.Leaf.LeafHash()).ToArray())]);

        Task<GenerationResult[]> RunAsync(Func<int, int[]> from, Func<int, SamplingParameters> sampling, int tokens) =>
            Task.WhenAll(Enumerable.Range(first, end - first).Select(i => generator.Start(
                new GenerationRequest { Prompt = from(i), MaxTokens = tokens, EndTokens = [], Sampling = sampling(i) }).Completion));
    }

    /// <summary>The tokens of a sequence.</summary>
    public int[] Of(int index) => Sequences[index - First];

    /// <summary>The reply of one sequence after the prompt of another.</summary>
    public int[] WithPromptOf(int index, int other) => [.. Of(other).AsSpan(0, Prompt), .. Of(index).AsSpan(Prompt)];

    /// <summary>A token of the last window becomes another letter; nothing before it changes.</summary>
    public int[] Edited(int index)
    {
        int[] tokens = [.. Of(index)];
        ref int token = ref tokens[Length - 1 - (index % CommitmentWindow.Length)];
        token = token == 'e' ? 'a' : 'e';
        return tokens;
    }

    /// <summary>Whether the stop rule accepts the whole reply for its reason, and whether for any reason a reply that ends earlier, at a place drawn from the index.</summary>
    public (bool Whole, bool Cut) Stops(int index)
    {
        var rule = new StopRule([], [], Reply);
        ReadOnlySpan<int> reply = Of(index).AsSpan(Prompt);
        return (rule.Decide(reply) == StopReason.MaxTokens, rule.Decide(reply[..(1 + (index * 37 % (Reply - 1)))]) is not null);
    }

    /// <summary>The leaves that an auditor computes from its own pass.</summary>
    public Digest[] LeavesOf(Trace trace, int index)
    {
        int k = ProfileParameters.DefaultTopK;
        using var committer = new TextCommitter(trace.Width, SketchParameters.None, k);
        for (int i = 0; i < Reply; i++)
            committer.Append(Of(index)[Prompt + i], trace.Hidden.AsSpan(i * trace.Width, trace.Width), [], trace.TopIds.AsSpan(i * Trace.TopK, k), trace.TopLogprobs.AsSpan(i * Trace.TopK, k));
        committer.Finish();
        return [.. committer.Windows.Select(w => w.Leaf.LeafHash())];
    }
}
