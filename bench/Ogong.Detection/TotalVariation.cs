using Ogong.Commitments;

namespace Ogong.Detection;

/// <summary>
/// Total variation distance of top-k distributions over one window: at a position half the sum of |p − q| over the ids of either list and one residual point. An id outside a list has probability 0 in it.
/// </summary>
/// <param name="Worst">Largest at one position.</param>
/// <param name="Window">Mean over the positions.</param>
internal readonly record struct TotalVariation(double Worst, double Window)
{
    public static TotalVariation Between(TopKWindow committed, TopKWindow recomputed)
    {
        double worst = 0, sum = 0;
        for (int r = 0; r < recomputed.Rows; r++)
        {
            double distance = At(committed.Ids(r), committed.Logprobs(r), recomputed.Ids(r), recomputed.Logprobs(r));
            worst = Math.Max(worst, distance);
            sum += distance;
        }
        return new TotalVariation(worst, sum / recomputed.Rows);
    }

    private static double At(ReadOnlySpan<int> ids, ReadOnlySpan<float> committed, ReadOnlySpan<int> otherIds, ReadOnlySpan<float> recomputed)
    {
        double difference = 0, mass = 0, otherMass = 0;
        for (int i = 0; i < otherIds.Length; i++)
        {
            int at = ids.IndexOf(otherIds[i]);
            double p = at < 0 ? 0 : Math.Exp(committed[at]), q = Math.Exp(recomputed[i]);
            difference += Math.Abs(p - q);
            otherMass += q;
        }
        for (int i = 0; i < ids.Length; i++)
        {
            double p = Math.Exp(committed[i]);
            mass += p;
            if (!otherIds.Contains(ids[i])) difference += p;
        }
        double residual = Math.Max(0, 1 - mass), otherResidual = Math.Max(0, 1 - otherMass);
        return Math.Min(1, (difference + Math.Abs(residual - otherResidual)) / 2);
    }
}
