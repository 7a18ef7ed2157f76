using Ogong.Bytes;

namespace Ogong.Settlement;

/// <summary>One provider's part of a reply.</summary>
/// <param name="Provider">Key id of the provider.</param>
/// <param name="WorkUnits">Work it did: units of its layers (and embedding, head, sampling) from the model's manifest.</param>
/// <param name="Rejected">Whether an audit found it at fault.</param>
public sealed record Slice(Digest Provider, ulong WorkUnits, bool Rejected);

/// <summary>An amount for a provider.</summary>
/// <param name="Provider">Key id of the provider.</param>
/// <param name="Amount">Integer base units.</param>
public sealed record Payment(Digest Provider, UInt128 Amount);
