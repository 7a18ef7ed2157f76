namespace Ogong.Cohorts;

/// <summary>The search itself, backward from L, so that a tie is settled by the first offer of a path.</summary>
internal sealed class RouteSearch
{
    private readonly OfferTable offers;
    private readonly int layers, count, cap, quantum;
    private readonly bool isCapped;
    private readonly List<Label>[] labels;
    private readonly List<Label>?[] steps; // The ways from the boundary at hand by latency, up to k each, best first.

    public RouteSearch(RouteRequest request, OfferTable offers, int count)
    {
        (this.offers, layers, this.count) = (offers, request.Layers, count);
        isCapped = request.LatencyCapMilliseconds is not null;
        cap = request.LatencyCapMilliseconds ?? 0;
        quantum = cap / RouteRequest.MaxLatencySteps + 1;
        labels = new List<Label>[layers + 1];
        steps = new List<Label>?[cap / quantum + 1];
    }

    /// <summary>The k best routes, best first.</summary>
    public IReadOnlyList<Route> Run()
    {
        labels[layers] = [new Label(0, 0, 0, 0, null, null)];
        for (int boundary = layers - 1; boundary >= 0; boundary--) labels[boundary] = Extend(boundary);
        List<Label> found = labels[0];
        found.Sort((a, b) => a.CompareTo(b));
        return [.. found.Take(count).Select(label => new Route(Path(label), label.Price, label.Latency, quantum == 1))];
    }

    /// <summary>Why there is none.</summary>
    public string Explain()
    {
        var reached = new bool[layers + 1];
        reached[0] = true;
        for (int first = 0; first < layers; first++)
            for (int end = first + 1; reached[first] && end <= layers; end++)
                if (offers[first, end] is not null) reached[end] = true;
        int furthest = Array.LastIndexOf(reached, true);
        return furthest == layers || labels[furthest].Count > 0
            ? $"No cohort meets the latency cap of {cap} ms."
            : $"No cohort tiles layers [0, {layers}): offers lead up to layer {furthest} and none goes on from there.";
    }

    private List<Label> Extend(int first)
    {
        Array.Clear(steps);
        for (int end = first + 1; end <= layers; end++)
        {
            if (labels[end].Count == 0 || offers[first, end] is not { } range) continue;
            foreach (RouteOffer offer in range)
            {
                int step = isCapped ? (offer.LatencyMilliseconds + quantum - 1) / quantum : 0;
                foreach (Label rest in labels[end])
                    if (rest.Step + step < steps.Length) Offer(ref steps[rest.Step + step], offer, rest, rest.Step + step);
            }
        }

        // A way is kept if fewer than k ways that are as fast are better.
        var kept = new List<Label>();
        var best = new List<Label>();
        foreach (List<Label>? ways in steps)
        {
            if (ways is null) continue;
            foreach (Label way in ways)
                if (Insert(best, way)) kept.Add(way);
        }
        return kept;
    }

    private void Offer(ref List<Label>? ways, RouteOffer offer, Label rest, int step)
    {
        // A path whose price no longer fits 128 bits can never be paid; saturating keeps it last and the arithmetic total.
        UInt128 price = UInt128.MaxValue - rest.Price < offer.Price ? UInt128.MaxValue : rest.Price + offer.Price;
        ways ??= new List<Label>(count);
        if (ways.Count == count && price > ways[^1].Price) return;
        Insert(ways, new Label(price, (int)Math.Min(int.MaxValue, (long)rest.Latency + offer.LatencyMilliseconds), step, rest.Segments + 1, offer, rest));
    }

    // Into a list of at most k labels, best first; false if it is not among the k best.
    private bool Insert(List<Label> list, Label label)
    {
        int at = list.Count;
        while (at > 0 && label.CompareTo(list[at - 1]) < 0) at--;
        if (at == count) return false;
        if (list.Count == count) list.RemoveAt(count - 1);
        list.Insert(at, label);
        return true;
    }

    private static List<RouteOffer> Path(Label label)
    {
        var segments = new List<RouteOffer>();
        for (Label at = label; at.Offer is not null; at = at.Rest!) segments.Add(at.Offer);
        return segments;
    }

    // A way from a boundary to L: the first offer and the way from where it ends.
    private sealed class Label(UInt128 price, int latency, int step, int segments, RouteOffer? offer, Label? rest) : IComparable<Label>
    {
        public UInt128 Price { get; } = price;

        public int Latency { get; } = latency;

        /// <summary>The latency in quanta, each offer's rounded up; 0 without a cap.</summary>
        public int Step { get; } = step;

        public int Segments { get; } = segments;

        public RouteOffer? Offer { get; } = offer;

        public Label? Rest { get; } = rest;

        public int CompareTo(Label? other)
        {
            if (other is null) return 1;
            int order = Price.CompareTo(other.Price);
            if (order == 0) order = Segments.CompareTo(other.Segments);
            if (order == 0) order = Latency.CompareTo(other.Latency);
            for ((Label? a, Label? b) = (this, other); order == 0 && a?.Offer is not null && b?.Offer is not null; (a, b) = (a.Rest, b.Rest))
            {
                order = a.Offer.Provider.CompareTo(b.Offer.Provider);
                if (order == 0) order = a.Offer.End.CompareTo(b.Offer.End);
            }
            return order;
        }
    }
}
