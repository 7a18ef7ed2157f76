using Ogong.Compute;

namespace Ogong.Engine;

/// <summary>Free list of a paged cache. A sequence reserves all it can ever need when it starts, so that it never fails for room half-way. Thread-safe.</summary>
internal sealed class PagePool(int pages)
{
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new(Enumerable.Range(0, pages).Reverse());

    public int Total { get; } = pages;

    public static int PagesFor(int positions) => (positions + KvCacheShape.PageLength - 1) / KvCacheShape.PageLength;

    /// <summary>Reserves room for a sequence of up to <paramref name="positions"/> positions.</summary>
    /// <exception cref="KvCacheExhaustedException">There is none.</exception>
    public CachedSequence Reserve(int positions) =>
        TryReserve(positions, out CachedSequence? sequence) ? sequence : throw Exhausted(PagesFor(positions));

    public bool TryReserve(int positions, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CachedSequence? sequence)
    {
        int needed = PagesFor(positions);
        if (needed > Total) throw Exhausted(needed);
        sequence = null;
        lock (_gate)
        {
            if (_free.Count < needed) return false;
            var taken = new int[needed];
            for (int i = 0; i < needed; i++) taken[i] = _free.Pop();
            sequence = new CachedSequence(this, taken);
            return true;
        }
    }

    internal void Return(int[] taken)
    {
        lock (_gate)
            foreach (int page in taken) _free.Push(page);
    }

    private KvCacheExhaustedException Exhausted(int needed)
    {
        lock (_gate) return new KvCacheExhaustedException(needed, _free.Count, Total);
    }
}

/// <summary>One sequence's place in the cache. Not thread-safe.</summary>
internal sealed class CachedSequence(PagePool pool, int[] pages) : IDisposable
{
    private bool _returned;

    /// <summary>Page numbers, in order of position.</summary>
    public ReadOnlySpan<int> Pages => pages;

    /// <summary>Positions appended so far.</summary>
    public int Length { get; set; }

    /// <summary>Positions it has room for.</summary>
    public int Capacity => pages.Length * KvCacheShape.PageLength;

    public void Dispose()
    {
        if (_returned) return;
        _returned = true;
        pool.Return(pages);
    }
}
