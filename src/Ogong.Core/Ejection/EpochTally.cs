namespace Ogong.Ejection;

/// <summary>What one validator saw of a provider in one epoch.</summary>
/// <param name="Epoch">Number of the epoch.</param>
/// <param name="Audits">Settled audits, 1 to 65535.</param>
/// <param name="Failures">How many of them failed.</param>
public readonly record struct EpochTally(uint Epoch, int Audits, int Failures);
