using Ogong.Bytes;

namespace Ogong.Disputes;

/// <summary>Where a claim stands.</summary>
public enum ClaimState
{
    /// <summary>It may be challenged until its deadline.</summary>
    Open = 1,

    /// <summary>The parties are looking for the first window they differ on.</summary>
    Bisecting,

    /// <summary>The window is found and awaits re-execution.</summary>
    Found,

    /// <summary>Final: nobody challenged it, or the challenger was wrong or silent.</summary>
    Stands,

    /// <summary>Final: the provider was wrong or silent.</summary>
    Falls,

    /// <summary>Final: both were wrong; the claim falls and the challenger earns nothing.</summary>
    BothWrong,
}

/// <summary>One of the two parties of a dispute.</summary>
public enum DisputeParty
{
    /// <summary>Who made the claim.</summary>
    Provider = 1,

    /// <summary>Who contests it.</summary>
    Challenger,
}

/// <summary>
/// A commitment that is taken as right unless somebody contests it in time. A challenger states its own root; both then open nodes in turns, each within the response time, and who is silent or
/// opens falsely loses at once; the one window left is executed again, and the result decides. Time comes from a clock that is given, and every call first settles what the clock has decided.
/// Not thread-safe.
/// </summary>
public sealed class OptimisticClaim
{
    private readonly TimeProvider clock;
    private readonly TimeSpan response;
    private readonly DateTimeOffset challengeDeadline;
    private DateTimeOffset responseDeadline;
    private Bisection? bisection;
    private NodeOpening? claimed, contested;
    private ClaimState state = ClaimState.Open;

    /// <summary>Submits a claim now.</summary>
    /// <param name="root">Root the provider committed to.</param>
    /// <param name="windows">Windows under it, at least 1.</param>
    /// <param name="challengeWindow">How long it may be challenged.</param>
    /// <param name="responseTime">How long a party has for each opening.</param>
    /// <param name="clock">Tells the time.</param>
    public OptimisticClaim(Digest root, int windows, TimeSpan challengeWindow, TimeSpan responseTime, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(windows);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(challengeWindow, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(responseTime, TimeSpan.Zero);
        (Root, Windows, this.clock, response) = (root, windows, clock, responseTime);
        challengeDeadline = clock.GetUtcNow() + challengeWindow;
    }

    /// <summary>Root the provider committed to.</summary>
    public Digest Root { get; }

    /// <summary>Windows under it.</summary>
    public int Windows { get; }

    /// <summary>Where it stands, by the clock.</summary>
    public ClaimState State
    {
        get
        {
            Settle();
            return state;
        }
    }

    /// <summary>The range in dispute; null before a challenge.</summary>
    public (int First, int Count)? Disputed => bisection is { } b ? (b.First, b.Count) : null;

    /// <summary>Contests the claim with another root. False after the deadline, if it is contested already, or if the root is the claim's own.</summary>
    public bool TryChallenge(Digest root)
    {
        Settle();
        if (state != ClaimState.Open || root == Root) return false;
        bisection = new Bisection(Windows, Root, root);
        Next();
        return true;
    }

    /// <summary>A party opens the node in dispute. False if nothing is asked of it now; a false opening loses the dispute.</summary>
    public bool TryOpen(DisputeParty party, NodeOpening opening)
    {
        Settle();
        if (state != ClaimState.Bisecting) return false;
        ref NodeOpening? mine = ref party == DisputeParty.Provider ? ref claimed : ref contested;
        if (mine is not null) return false;
        if (!opening.Opens(party == DisputeParty.Provider ? bisection!.Claimed : bisection!.Contested))
        {
            state = party == DisputeParty.Provider ? ClaimState.Falls : ClaimState.Stands;
            return true;
        }
        mine = opening;
        if (claimed is { } c && contested is { } o && bisection!.TryDescend(c, o, out _, out _)) Next();
        return true;
    }

    /// <summary>Decides by re-execution: gives the leaf hash that the disputed window has when computed from the windows both agree on.</summary>
    /// <exception cref="InvalidOperationException">There is no window to decide on.</exception>
    public ClaimState Resolve(Digest leafHash)
    {
        Settle();
        if (state != ClaimState.Found) throw new InvalidOperationException($"There is no window to decide on: {state}.");
        return state = leafHash == bisection!.Claimed ? ClaimState.Stands : leafHash == bisection.Contested ? ClaimState.Falls : ClaimState.BothWrong;
    }

    private void Next()
    {
        (claimed, contested) = (null, null);
        state = bisection!.IsFound ? ClaimState.Found : ClaimState.Bisecting;
        responseDeadline = clock.GetUtcNow() + response;
    }

    // A deadline that has passed is settled as of then, however late somebody looks. With both silent the challenger loses: it is the one who disturbs.
    private void Settle()
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (state == ClaimState.Open && now >= challengeDeadline) state = ClaimState.Stands;
        if (state == ClaimState.Bisecting && now >= responseDeadline) state = contested is not null ? ClaimState.Falls : ClaimState.Stands;
    }
}
