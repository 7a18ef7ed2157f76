using Ogong.Bytes;

namespace Ogong.Settlement;

/// <summary>Balances and escrow in memory: the simplest settlement service, and the model of what a chain must do. Thread-safe.</summary>
public sealed class Ledger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, UInt128> _balances = [];
    private readonly Dictionary<Digest, (Digest Consumer, UInt128 Fee)> _escrow = [];
    private UInt128 _supply, _held, _escrowed;

    /// <summary>What the audit pool holds.</summary>
    public UInt128 AuditPool { get; private set; }

    /// <summary>What the protocol holds.</summary>
    public UInt128 Protocol { get; private set; }

    /// <summary>All units ever deposited.</summary>
    public UInt128 Supply
    {
        get { lock (_lock) return _supply; }
    }

    /// <summary>Whether balances, escrow, audit pool and protocol together are the supply, by running sums kept beside them. <see cref="Recount"/> adds them up anew.</summary>
    public bool IsConserved
    {
        get { lock (_lock) return _held + _escrowed + AuditPool + Protocol == _supply; }
    }

    /// <summary>Whether they are the supply when every account and every escrow is counted.</summary>
    public bool Recount()
    {
        lock (_lock)
        {
            UInt128 held = _balances.Values.Aggregate(UInt128.Zero, (sum, amount) => sum + amount), escrowed = _escrow.Values.Aggregate(UInt128.Zero, (sum, entry) => sum + entry.Fee);
            return held == _held && escrowed == _escrowed && held + escrowed + AuditPool + Protocol == _supply;
        }
    }

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
            _held -= fee;
            _escrowed += fee;
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
            _escrowed -= held.Fee;
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
        if (amount == 0) return;
        _balances[account] = checked(_balances.GetValueOrDefault(account) + amount);
        _held += amount;
    }
}
