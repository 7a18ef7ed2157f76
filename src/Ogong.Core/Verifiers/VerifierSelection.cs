using Ogong.Audit;
using Ogong.Bytes;

namespace Ogong.Verifiers;

/// <summary>A key registered for serving a model.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="Operator">Who runs it; one operator may have many keys.</param>
/// <param name="ModelRoot">The model it serves.</param>
/// <param name="RegisteredEpoch">Epoch in which it was registered.</param>
public sealed record RegisteredProvider(Digest KeyId, Digest Operator, Digest ModelRoot, uint RegisteredEpoch);

/// <summary>
/// Chooses the verifier of a reply: uniformly among the keys that serve the same model, were registered at least an epoch before (so that nobody registers for a draw it has seen), and are run by
/// nobody who took part in the reply. The registry may list them in any order.
/// </summary>
public static class VerifierSelection
{
    /// <summary>Key ids that may verify, ascending.</summary>
    /// <param name="registry">All registered keys.</param>
    /// <param name="modelRoot">Model of the reply.</param>
    /// <param name="cohort">Key ids of the lead and of every segment's provider.</param>
    /// <param name="epoch">Epoch of the draw.</param>
    public static IReadOnlyList<Digest> Candidates(IEnumerable<RegisteredProvider> registry, Digest modelRoot, IReadOnlySet<Digest> cohort, uint epoch)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(cohort);
        List<RegisteredProvider> all = [.. registry];
        HashSet<Digest> operators = [.. all.Where(provider => cohort.Contains(provider.KeyId)).Select(provider => provider.Operator)];
        return
        [
            .. all.Where(provider => provider.ModelRoot == modelRoot && provider.RegisteredEpoch < epoch && !cohort.Contains(provider.KeyId) && !operators.Contains(provider.Operator))
                .Select(provider => provider.KeyId).Distinct().Order(),
        ];
    }

    /// <summary>The verifier at an attempt; null when the candidates are used up. Attempt k is drawn among those that attempts 0 … k − 1 left over.</summary>
    /// <param name="draw">What the beacon decides about the reply.</param>
    /// <param name="candidates">Candidates, ascending.</param>
    /// <param name="attempt">0 first, then 1, 2, … where a verifier does not answer or its verdict is disputed.</param>
    public static Digest? Draw(AuditDraw draw, IReadOnlyList<Digest> candidates, int attempt = 0)
    {
        ArgumentNullException.ThrowIfNull(draw);
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        List<Digest> left = [.. candidates];
        for (int k = 0; left.Count > 0; k++)
        {
            int chosen = draw.Verifier(left.Count, k);
            if (k == attempt) return left[chosen];
            left.RemoveAt(chosen);
        }
        return null;
    }
}
