using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>What a lead knows of one segment of a reply in progress.</summary>
internal sealed class CohortSegment(int index, LayerRange layers, ModelConfig config, CohortProvider provider, CohortSegment? upstream)
{
    private readonly List<Digest> _outputHashes = [];
    private StateHasher _output = StateHasher.ForBoundary(config.HiddenSize);

    public int Index => index;

    public LayerRange Layers => layers;

    public CohortProvider Provider { get; set; } = provider;

    /// <summary>The provider before, as far as the session was told.</summary>
    public CohortProvider? KnownUpstream { get; set; }

    public ISegmentSession? Session { get; set; }

    public int Attempt { get; set; }

    /// <summary>Everything sent to the segment.</summary>
    public BoundaryLog Input { get; } = new(index == 0 ? sizeof(int) : config.HiddenSize * sizeof(float));

    /// <summary>What the provider signed about the windows so far.</summary>
    public List<Signed<BoundaryStatement>> Statements { get; } = [];

    public SegmentClosing? Closing { get; set; }

    private bool IsLast => layers.End == config.Layers;

    /// <summary>Another provider, or another attempt, begins at position 0.</summary>
    public void StartOver()
    {
        Statements.Clear();
        _outputHashes.Clear();
        _output.Dispose();
        _output = StateHasher.ForBoundary(config.HiddenSize);
    }

    /// <summary>Checks that the provider signed exactly what it was sent and what it sent on.</summary>
    /// <param name="order">The order.</param>
    /// <param name="output">States of the rows of a step; empty from the last segment.</param>
    /// <param name="end">One past the step's last position.</param>
    /// <param name="statements">What it signed with them.</param>
    /// <exception cref="SegmentException">It did not.</exception>
    public void CheckStep(Order order, ReadOnlySpan<byte> output, int end, IReadOnlyList<Signed<BoundaryStatement>> statements)
    {
        ReadOnlySpan<float> states = StateBytes.Singles(output);
        while (!states.IsEmpty)
        {
            int take = Math.Min(states.Length, (CommitmentWindow.Length - _output.Rows) * config.HiddenSize);
            _output.Append(states[..take]);
            states = states[take..];
            if (_output.IsFull) _outputHashes.Add(_output.Finish());
        }
        int due = (end / CommitmentWindow.Length) - Statements.Count;
        if (statements.Count != due) throw Misbehaved($"It signed {statements.Count} windows where {due} are complete.");
        foreach (Signed<BoundaryStatement> statement in statements)
        {
            CheckStatement(order, statement, Statements.Count, CommitmentWindow.Length);
            Statements.Add(statement);
        }
    }

    /// <summary>Checks a statement on window <paramref name="window"/> of <paramref name="rows"/> rows.</summary>
    /// <exception cref="SegmentException">It does not fit.</exception>
    public void CheckStatement(Order order, Signed<BoundaryStatement> signed, int window, int rows)
    {
        BoundaryStatement statement = signed.Message;
        if (_outputHashes.Count == window && !IsLast) _outputHashes.Add(_output.Finish());
        bool fits = statement.OrderHash == order.Hash() && statement.Segment == index && statement.Attempt == Attempt
            && statement.Window == window && statement.Rows == rows
            && statement.InputHash == InputHash(window, rows)
            && statement.OutputHash == (IsLast ? default : _outputHashes[window])
            && signed.IsValid(Provider.Transport.ProviderKey);
        if (!fits) throw Misbehaved($"What it signs about window {window} is not what it was sent and what it sent on.");
    }

    private Digest InputHash(int window, int rows)
    {
        if (upstream is not null) return window < upstream.Statements.Count ? upstream.Statements[window].Message.OutputHash : upstream.Closing!.Statement!.Message.OutputHash;
        int end = (window * CommitmentWindow.Length) + rows;
        return CommitmentWindow.HashTokens(StateBytes.Tokens(Input.Range(0, end).Span))[window];
    }

    private SegmentException Misbehaved(string message) => new(SegmentFailure.Misbehaved, Provider.KeyId, message);
}
