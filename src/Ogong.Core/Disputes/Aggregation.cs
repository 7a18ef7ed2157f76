using System.Collections.Immutable;
using Ogong.Bytes;

namespace Ogong.Disputes;

/// <summary>One of several replies to one request.</summary>
/// <typeparam name="TWindow">What is compared per window: a hash, or a sketch.</typeparam>
/// <param name="Provider">Key id of the provider.</param>
/// <param name="Weight">1 each for a majority of heads; a reputation for a weighted one.</param>
/// <param name="Windows">The windows.</param>
public sealed record Ballot<TWindow>(Digest Provider, uint Weight, IReadOnlyList<TWindow> Windows);

/// <summary>An odd one out.</summary>
/// <param name="Provider">Key id of the provider.</param>
/// <param name="Window">The first window on which it differs from the majority.</param>
public sealed record Outlier(Digest Provider, int Window);

/// <summary>What several replies amount to.</summary>
/// <param name="Agreed">Windows, from the first, on which a majority agrees.</param>
/// <param name="Winner">Index of a ballot that is with the majority on all of them; null if none is.</param>
/// <param name="Outliers">Who differs where, in the order of the ballots.</param>
public sealed record Consensus(int Agreed, int? Winner, ImmutableArray<Outlier> Outliers);

/// <summary>
/// The fallback for work that cannot be executed again: several replies to one request, compared window by window. The majority on a window is the ballot that ballots of the most weight agree with,
/// itself included, if they have more than half of all weight; without one the comparison ends there, and nobody is accused from there on. It proves nothing: providers of more than half
/// the weight that collude are the majority. Agreement need not be transitive, so it works with tolerances.
/// </summary>
public static class Aggregation
{
    /// <summary>Compares the ballots.</summary>
    /// <param name="ballots">At least one.</param>
    /// <param name="agree">Whether two windows agree: symmetric and reflexive.</param>
    /// <exception cref="ArgumentException">There is no ballot, or none has weight.</exception>
    public static Consensus Compare<TWindow>(IReadOnlyList<Ballot<TWindow>> ballots, Func<TWindow, TWindow, bool> agree)
    {
        ArgumentNullException.ThrowIfNull(ballots);
        ArgumentNullException.ThrowIfNull(agree);
        long total = ballots.Sum(ballot => (long)ballot.Weight);
        if (total == 0) throw new ArgumentException("No ballot has weight.", nameof(ballots));
        var leftAt = new int?[ballots.Count];
        int window = 0;
        for (int longest = ballots.Max(ballot => ballot.Windows.Count); window < longest; window++)
        {
            (int center, long weight) = Center(ballots, agree, window);
            if (2 * weight <= total) break;
            // A majority for the end: the reply is over, and longer ones differ from here on.
            for (int i = 0; i < ballots.Count; i++)
                if (!Same(ballots[center], ballots[i], agree, window)) leftAt[i] ??= window;
            if (ballots[center].Windows.Count <= window) break;
        }
        int winner = Array.FindIndex(leftAt, at => at is null);
        return new Consensus(window, winner < 0 || window == 0 ? null : winner, [.. Enumerable.Range(0, ballots.Count).Where(i => leftAt[i] is not null).Select(i => new Outlier(ballots[i].Provider, leftAt[i]!.Value))]);
    }

    // The ballot that ballots of the most weight agree with; the first of equals.
    private static (int Ballot, long Weight) Center<TWindow>(IReadOnlyList<Ballot<TWindow>> ballots, Func<TWindow, TWindow, bool> agree, int window)
    {
        (int Ballot, long Weight) best = (0, -1);
        for (int i = 0; i < ballots.Count; i++)
        {
            long weight = 0;
            foreach (Ballot<TWindow> other in ballots)
                if (Same(ballots[i], other, agree, window)) weight += other.Weight;
            if (weight > best.Weight) best = (i, weight);
        }
        return best;
    }

    // Two replies that are over agree; one that is over and one that is not do not.
    private static bool Same<TWindow>(Ballot<TWindow> a, Ballot<TWindow> b, Func<TWindow, TWindow, bool> agree, int window) =>
        window < a.Windows.Count && window < b.Windows.Count ? agree(a.Windows[window], b.Windows[window]) : window >= a.Windows.Count && window >= b.Windows.Count;
}
