using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>What a lead knows of one segment of a text reply in progress.</summary>
internal sealed class TextSegment(Order order, int promptLength, int index, LayerRange layers, ModelConfig config, CohortProvider provider, TextSegment? upstream)
    : CohortSegment(index, layers, layers.End == config.Layers, provider, index == 0 ? sizeof(int) : config.HiddenSize * sizeof(float))
{
    private readonly Digest _orderHash = order.Hash();
    private readonly List<Digest> _outputHashes = [];
    private StateHasher _output = StateHasher.ForBoundary(config.HiddenSize);

    /// <summary>Another provider, or another attempt, begins at position 0.</summary>
    public void StartOver()
    {
        Statements.Clear();
        _outputHashes.Clear();
        _output.Dispose();
        _output = StateHasher.ForBoundary(config.HiddenSize);
    }

    public override void CheckStep(SegmentStep step, SegmentStepResult result)
    {
        int end = step.FirstPosition + step.Rows;
        if (result.Payload.Length != (IsLast ? 0L : (long)step.Rows * config.HiddenSize * sizeof(float)))
            throw Misbehaved("The output has another size than the input asks for.");
        if (!StateBytes.AreFinite(StateBytes.Singles(result.Payload.Span))) throw Misbehaved("The output is not finite.");
        if (IsLast && result.Token is not null && result.Stop is null && end - promptLength + 1 >= order.MaxTokens)
            throw Misbehaved("It does not stop at the ordered number of tokens.");
        if (IsLast && result.Token is { } token && (uint)token >= (uint)config.VocabularySize) throw Misbehaved($"Token {token} is not in the vocabulary.");
        Consume(IsLast ? default : result.Payload.Span);
        int due = (end / CommitmentWindow.Length) - Statements.Count;
        if (result.Statements.Count != due) throw Misbehaved($"It signed {result.Statements.Count} windows where {due} are complete.");
        foreach (Signed<BoundaryStatement> statement in result.Statements)
        {
            CheckStatement(statement, Statements.Count, CommitmentWindow.Length);
            Statements.Add(statement);
        }
    }

    /// <summary>Checks a statement on window <paramref name="window"/> of <paramref name="rows"/> rows.</summary>
    /// <exception cref="SegmentException">It does not fit.</exception>
    public void CheckStatement(Signed<BoundaryStatement> signed, int window, int rows)
    {
        if (_outputHashes.Count == window && !IsLast) _outputHashes.Add(_output.Finish());
        CheckStatement(signed, _orderHash, window, rows, InputHash(window, rows), IsLast ? default : _outputHashes[window]);
    }

    /// <summary>What was sent to the segment in one window.</summary>
    public ReadOnlyMemory<byte> InputOf(int window) => Input.Range(window * CommitmentWindow.Length, CommitmentWindow.RowsOf(window, Input.Rows));

    private void Consume(ReadOnlySpan<byte> output)
    {
        ReadOnlySpan<float> states = StateBytes.Singles(output);
        while (!states.IsEmpty)
        {
            int take = Math.Min(states.Length, (CommitmentWindow.Length - _output.Rows) * config.HiddenSize);
            _output.Append(states[..take]);
            states = states[take..];
            if (_output.IsFull) _outputHashes.Add(_output.Finish());
        }
    }

    private Digest InputHash(int window, int rows)
    {
        if (upstream is not null) return window < upstream.Statements.Count ? upstream.Statements[window].Message.OutputHash : upstream.Closing!.Statement!.Message.OutputHash;
        int end = (window * CommitmentWindow.Length) + rows;
        return CommitmentWindow.HashTokens(StateBytes.Tokens(Input.Range(0, end).Span))[window];
    }
}
