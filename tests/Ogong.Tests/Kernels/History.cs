using Ogong.Compute;

namespace Ogong.Tests.Kernels;

/// <summary>Queries, keys and values of a few sequences, and a way to play them through a backend: whole or in chunks, together or alone, on any pages.</summary>
internal sealed class History
{
    private readonly float[][] _q, _k, _v;
    private readonly int[] _lengths;
    private readonly int _kvHeads, _heads, _headDim, _window;
    private readonly ElementType _type;

    /// <param name="inputs">Where shapes and values come from.</param>
    /// <param name="values">Makes values.</param>
    public History(Inputs inputs, Func<int, float[]> values)
    {
        _lengths = [.. Enumerable.Range(0, inputs.Between(1, 3)).Select(_ => inputs.OneIn(12) ? inputs.Between(250, 600) : inputs.Between(1, 40))];
        _kvHeads = inputs.Between(1, 3);
        _heads = _kvHeads * inputs.Between(1, 3);
        _headDim = inputs.Pick(inputs.Between(1, 24), inputs.Between(1, 24), inputs.Pick(32, 64), inputs.OneIn(6) ? inputs.Between(250, 300) : 5);
        _type = inputs.Type();
        _window = inputs.Pick(int.MaxValue, int.MaxValue, inputs.Between(1, _lengths.Max() + 3), inputs.Pick(1, 255, 256, 257));
        _q = [.. _lengths.Select(n => values(n * _heads * _headDim))];
        _k = [.. _lengths.Select(n => values(n * _kvHeads * _headDim))];
        _v = [.. _lengths.Select(n => values(n * _kvHeads * _headDim))];
    }

    private History(History source, int sequence)
    {
        (_kvHeads, _heads, _headDim, _window, _type) = (source._kvHeads, source._heads, source._headDim, source._window, source._type);
        (_lengths, _q, _k, _v) = ([source._lengths[sequence]], [source._q[sequence]], [source._k[sequence]], [source._v[sequence]]);
    }

    /// <summary>Each sequence by itself.</summary>
    public IEnumerable<History> Alone() => Enumerable.Range(0, _lengths.Length).Select(s => new History(this, s));

    /// <summary>
    /// Appends every position, and attends from the last <paramref name="attended"/> of each sequence. Returns their rows by sequence and position; or what the first exception names.
    /// </summary>
    /// <param name="backend">Where.</param>
    /// <param name="plan">Decides pages, layer and step sizes; null plays every sequence in one step, on pages in order.</param>
    /// <param name="attended">How many positions at the end of each sequence attend; the ones before are only appended.</param>
    public async Task<byte[]> PlayAsync(IBackend backend, Inputs? plan, int attended)
    {
        using var step = new Step(backend);
        int needed = _lengths.Sum(PagesOf), spare = plan?.Between(0, 3) ?? 0, layers = plan?.Between(1, 2) ?? 1, layer = layers - 1;
        int maxPages = _lengths.Max(PagesOf) + (plan?.Between(0, 1) ?? 0);
        KvCache cache = step.Cache(new KvCacheShape(layers, _kvHeads, _headDim, needed + spare, _type));
        BatchLayout batch = step.Batch(_lengths.Sum(), _lengths.Length, maxPages);
        step.Queue.Write<int>(PageTable(plan, needed + spare, maxPages), batch.PageTable);

        byte[][][] results = [.. _lengths.Select(n => new byte[n][])];
        int[] done = new int[_lengths.Length], targets = [.. _lengths.Select(n => Math.Max(0, n - attended))];
        while (true)
        {
            (int Sequence, int Position)[] rows = [.. Enumerable.Range(0, done.Length).SelectMany(s => Enumerable.Range(done[s], targets[s] - done[s]).Select(p => (s, p)))];
            bool attend = done.Zip(_lengths).All(p => p.First >= p.Second - attended);
            if (rows.Length > 0 && await AdvanceAsync(step, cache, layer, batch, rows, attend, results) is { } fault) return fault;
            done = targets;
            if (done.SequenceEqual(_lengths)) return [.. results.SelectMany(s => s).Where(r => r is not null).SelectMany(r => r)];
            targets = [.. done.Zip(_lengths).Select(p => plan?.Pick(p.Second, Math.Min(p.Second, p.First + 1), plan.Between(p.First, p.Second)) ?? p.Second)];
        }
    }

    private async Task<byte[]?> AdvanceAsync(Step step, KvCache cache, int layer, BatchLayout batch, (int Sequence, int Position)[] rows, bool attend, byte[][][] results)
    {
        step.Queue.Write<int>([.. rows.Select(r => r.Sequence)], batch.Sequences);
        step.Queue.Write<int>([.. rows.Select(r => r.Position)], batch.Positions);
        step.Queue.AppendKv(cache, layer, step.Upload(Rows(_k, rows, _kvHeads)), step.Upload(Rows(_v, rows, _kvHeads)), batch, rows.Length);
        int count = attend ? rows.Length * _heads * _headDim : 0, rowBytes = 4 * _heads * _headDim;
        DeviceBuffer y = step.Output(count);
        if (attend) step.Queue.Attention(cache, layer, step.Upload(Rows(_q, rows, _heads)), y, batch, rows.Length, _heads, _window, NumericMode.Exact);
        byte[] result = await step.FinishAsync((y, count));
        if (result.Length != 4 * count) return result;
        for (int r = 0; attend && r < rows.Length; r++) results[rows[r].Sequence][rows[r].Position] = result[(r * rowBytes)..((r + 1) * rowBytes)];
        return null;
    }

    private int[] PageTable(Inputs? plan, int pages, int maxPages)
    {
        int[] pool = [.. Enumerable.Range(0, pages)], table = new int[_lengths.Length * maxPages];
        plan?.Shuffle(pool);
        // Entries past a sequence's end are never read.
        Array.Fill(table, -1);
        for (int s = 0, next = 0; s < _lengths.Length; s++)
            for (int entry = 0; entry < PagesOf(_lengths[s]); entry++) table[(s * maxPages) + entry] = pool[next++];
        return table;
    }

    private float[] Rows(float[][] values, (int Sequence, int Position)[] rows, int heads) =>
        [.. rows.SelectMany(r => values[r.Sequence].AsSpan(r.Position * heads * _headDim, heads * _headDim).ToArray())];

    private static int PagesOf(int length) => (length + KvCacheShape.PageLength - 1) / KvCacheShape.PageLength;
}
