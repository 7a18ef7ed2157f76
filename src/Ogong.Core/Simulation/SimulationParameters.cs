using Ogong.Ejection;
using Ogong.Settlement;

namespace Ogong.Simulation;

/// <summary>A network to simulate. The same parameters give the same run, event by event.</summary>
public sealed record SimulationParameters
{
    /// <summary>Providers, each with a key and an operator of its own.</summary>
    public int Providers { get; init; } = 2000;

    /// <summary>Share of providers that cheat.</summary>
    public double Cheaters { get; init; } = 0.1;

    /// <summary>Share of its slices a cheater computes wrong.</summary>
    public double CheatRate { get; init; } = 0.25;

    /// <summary>Share of providers that, as verifiers, accept without computing.</summary>
    public double Stampers { get; init; } = 0.02;

    /// <summary>Replies to order.</summary>
    public long Replies { get; init; } = 1_000_000;

    /// <summary>Share of replies audited, in millionths.</summary>
    public uint CoveragePerMillion { get; init; } = 100_000;

    /// <summary>Share of verification tasks that are honeypots.</summary>
    public double Honeypots { get; init; } = 0.05;

    /// <summary>Probability that honest work is wrong by a hardware fault.</summary>
    public double FaultRate { get; init; } = 2e-5;

    /// <summary>Tuning of the ejection test.</summary>
    public EjectionParameters Ejection { get; init; } = new();

    /// <summary>Division of fees.</summary>
    public SettlementTerms Terms { get; init; } = new(SettlementPolicy.ForfeitSlice, 150_000, 10_000);

    /// <summary>Flat pay of a verification, in millionths of the mean fee.</summary>
    public uint VerifierPayPerMillion { get; init; } = 700_000;

    /// <summary>Replies in an epoch of the ejection test.</summary>
    public int RepliesPerEpoch { get; init; } = 1000;

    /// <summary>Milliseconds between two orders.</summary>
    public int OrderInterval { get; init; } = 20;

    /// <summary>Decides every random choice.</summary>
    public ulong Seed { get; init; } = 1;
}
