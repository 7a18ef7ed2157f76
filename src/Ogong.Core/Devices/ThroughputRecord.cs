namespace Ogong.Devices;

/// <summary>An identity's answers to its challenges: whether it has shown its throughput.</summary>
/// <param name="policy">The terms.</param>
public sealed class ThroughputRecord(ThroughputPolicy policy)
{
    private readonly Queue<bool> last = new();

    /// <summary>Takes one answer; only the last n count.</summary>
    /// <param name="isRight">Whether the answer has the exact digest.</param>
    /// <param name="after">Time from the publication of the round to the arrival of the answer.</param>
    public void Add(bool isRight, TimeSpan after)
    {
        last.Enqueue(isRight && after <= policy.Deadline);
        if (last.Count > policy.Rounds) last.Dequeue();
    }

    /// <summary>Answers in time among the last n.</summary>
    public int InTime => last.Count(good => good);

    /// <summary>Whether n rounds have been asked and k of them answered rightly in time.</summary>
    public bool IsShown => last.Count == policy.Rounds && InTime >= policy.Needed;
}
