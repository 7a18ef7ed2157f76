namespace Ogong.Settlement;

/// <summary>What happens to the fee when an audit rejects part of a reply.</summary>
public enum SettlementPolicy : byte
{
    /// <summary>A rejected slice is refunded to the consumer; every other slice is paid in full.</summary>
    ForfeitSlice = 1,

    /// <summary>One rejected slice refunds the whole fee; nobody is paid.</summary>
    WithholdRequest = 2,
}

/// <summary>How a fee is divided before the providers' part is shared out.</summary>
/// <param name="Policy">What a rejected slice does.</param>
/// <param name="AuditPerMillion">Millionths of the fee that go to the audit pool, rounded down.</param>
/// <param name="ProtocolPerMillion">Millionths of the fee that go to the protocol, rounded down.</param>
public sealed record SettlementTerms(SettlementPolicy Policy, uint AuditPerMillion, uint ProtocolPerMillion)
{
    /// <summary>The whole, in the unit of <see cref="AuditPerMillion"/>.</summary>
    public const uint Million = 1_000_000;
}
