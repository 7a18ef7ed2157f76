namespace Ogong.Simulation;

/// <summary>A moment of a run.</summary>
/// <param name="Replies">Replies settled so far.</param>
/// <param name="CheatersLeft">Cheaters not yet ejected.</param>
/// <param name="WrongShare">Share of the replies since the last moment that had a slice computed wrong.</param>
public sealed record SimulationMoment(long Replies, int CheatersLeft, double WrongShare);

/// <summary>What came of a run.</summary>
public sealed record SimulationReport
{
    /// <summary>Events processed.</summary>
    public long Events { get; internal set; }

    /// <summary>Replies settled.</summary>
    public long Replies { get; internal set; }

    /// <summary>Orders for which no cohort was left.</summary>
    public long Unserved { get; internal set; }

    /// <summary>Replies audited.</summary>
    public long Audits { get; internal set; }

    /// <summary>Audits that rejected a slice and were confirmed by a second verifier.</summary>
    public long Rejections { get; internal set; }

    /// <summary>Slices computed wrong on purpose.</summary>
    public long CheatedSlices { get; internal set; }

    /// <summary>Those of them that were rejected.</summary>
    public long CaughtSlices { get; internal set; }

    /// <summary>Cheated slices of audited replies that a rubber stamp let pass.</summary>
    public long StampedSlices { get; internal set; }

    /// <summary>Providers that cheat.</summary>
    public int Cheaters { get; internal set; }

    /// <summary>Cheaters ejected.</summary>
    public int CheatersEjected { get; internal set; }

    /// <summary>Honest providers ejected.</summary>
    public int HonestEjected { get; internal set; }

    /// <summary>Mean slices an ejected cheater served until it was ejected.</summary>
    public double MeanCheaterSlices { get; internal set; }

    /// <summary>Mean audits of an ejected cheater until it was ejected.</summary>
    public double MeanCheaterAudits { get; internal set; }

    /// <summary>Verifiers that stamp.</summary>
    public int Stampers { get; internal set; }

    /// <summary>Stampers exposed by a honeypot.</summary>
    public int StampersExposed { get; internal set; }

    /// <summary>Honest verifiers exposed by a honeypot: 0, or something is wrong.</summary>
    public int HonestExposed { get; internal set; }

    /// <summary>Work of verifiers over work of providers, second opinions and honeypots included.</summary>
    public double AuditCostShare { get; internal set; }

    /// <summary>All fees.</summary>
    public UInt128 Fees { get; internal set; }

    /// <summary>What consumers got back.</summary>
    public UInt128 Refunds { get; internal set; }

    /// <summary>What verifiers were paid.</summary>
    public UInt128 VerifierPay { get; internal set; }

    /// <summary>Verifications for which the audit pool had not enough.</summary>
    public long UnpaidVerifications { get; internal set; }

    /// <summary>Checks that balances, escrow and pools are the supply; each held, or the run would have stopped.</summary>
    public long ConservationChecks { get; internal set; }

    /// <summary>The run in a hundred moments.</summary>
    public List<SimulationMoment> Moments { get; } = [];
}
