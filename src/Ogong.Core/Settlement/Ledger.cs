using Ogong.Bytes;

namespace Ogong.Settlement;

/// <summary>Balances and escrow in memory: the simplest settlement service, and the model of what a chain must do. Thread-safe.</summary>
public sealed class Ledger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, UInt128> _balances = [];
    private readonly Dictionary<Digest, (Digest Consumer, UInt128 Fee)> _escrow = [];
    private UInt128 _supply;

    /// <summary>What the audit pool holds.</summary>
    public UInt128 AuditPool { get; private set; }

    /// <summary>What the protocol holds.</summary>
    public UInt128 Protocol { get; private set; }

    /// <summary>What an account holds, escrow not counted.</summary>
    public UInt128 Balance(Digest account)
    {
        lock (_lock) return _balances.GetValueOrDefault(account);
    }

    /// <summary>Adds new units to an account.</summary>
    /// <exception cref="OverflowException">All units together would exceed 128 bits; nothing was changed.</exception>
    public void Deposit(Digest account, UInt128 amount)
    {
        lock (_lock)
        {
            _supply = checked(_supply + amount);
            Credit(account, amount);
        }
    }

    /// <summary>Sets an order's fee aside from the consumer's balance. False, and nothing moved, if the balance is too small or the order has escrow already.</summary>
    public bool TryEscrow(Digest order, Digest consumer, UInt128 fee)
    {
        lock (_lock)
        {
            UInt128 balance = _balances.GetValueOrDefault(consumer);
            if (balance < fee || !_escrow.TryAdd(order, (consumer, fee))) return false;
            _balances[consumer] = balance - fee;
            return true;
        }
    }

    /// <summary>Pays an order out of its escrow, once. False, and nothing moved, if there is no escrow for it or the split is of another fee.</summary>
    public bool TrySettle(Digest order, FeeSplit split)
    {
        ArgumentNullException.ThrowIfNull(split);
        lock (_lock)
        {
            if (!_escrow.TryGetValue(order, out (Digest Consumer, UInt128 Fee) held) || held.Fee != split.Fee) return false;
            _escrow.Remove(order);
            // No sum below can overflow: every balance is a part of the supply, which fits 128 bits.
            foreach (Payment payment in split.Payments) Credit(payment.Provider, payment.Amount);
            Credit(held.Consumer, split.Refund);
            AuditPool += split.AuditPool;
            Protocol += split.Protocol;
            return true;
        }
    }

    /// <summary>Pays a verifier from the audit pool, the same whatever its verdict. False, and nothing moved, if the pool holds less.</summary>
    public bool TryPayVerifier(Digest verifier, UInt128 amount)
    {
        lock (_lock)
        {
            if (AuditPool < amount) return false;
            AuditPool -= amount;
            Credit(verifier, amount);
            return true;
        }
    }

    private void Credit(Digest account, UInt128 amount)
    {
        if (amount > 0) _balances[account] = checked(_balances.GetValueOrDefault(account) + amount);
    }
}
