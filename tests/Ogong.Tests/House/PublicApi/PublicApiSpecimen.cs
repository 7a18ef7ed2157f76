namespace Ogong.Tests.House.PublicApi;

/// <summary>One of everything the listing must show.</summary>
public abstract class PublicApiSpecimen<T> : IDisposable
    where T : unmanaged
{
    public const int Limit = 32;

    public required string Name { get; init; }

    public string? Note { get; protected set; }

    public abstract ReadOnlySpan<byte> Bytes { get; }

    protected virtual int this[int index] => index;

    public static bool TryRead(ReadOnlySpan<byte> source, in T start, out List<string?>? values, int limit = Limit, CancellationToken cancellation = default)
    {
        values = [];
        return source.Length > limit && !cancellation.IsCancellationRequested && !start.Equals(default(T));
    }

    public async IAsyncEnumerable<(int Position, T? Value)> ReadAsync<TKey>(TKey key, params TKey[]? others)
        where TKey : class, IComparable<TKey>
    {
        await Task.Yield();
        yield return (key.CompareTo(others?[0]), null);
    }

    public override string ToString() => Name;

    public void Dispose() => GC.SuppressFinalize(this);

    private protected void Hidden() => Dispose();

    internal void Internal() => Hidden();
}
