using Ogong.Bytes;

namespace Ogong.Audit;

/// <summary>Remembers which records were seen, by their hash and never by their signature, which is not unique. Implementations are thread-safe.</summary>
public interface IReplayGuard
{
    /// <summary>Registers a record. False if it was registered before.</summary>
    bool TryRegister(Digest recordHash);
}

/// <summary>Remembers in memory. Thread-safe.</summary>
public sealed class MemoryReplayGuard : IReplayGuard
{
    private readonly Lock gate = new();
    private readonly HashSet<Digest> seen = [];

    /// <inheritdoc/>
    public bool TryRegister(Digest recordHash)
    {
        lock (gate) return seen.Add(recordHash);
    }
}
