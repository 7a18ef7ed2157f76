namespace Ogong.Audit;

/// <summary>
/// Whom the tolerance tier names. A verifier that goes on with its own values measures at a segment's output whatever has come together up to there, and what a file opens is its holder's choice: so a
/// provider is named only if its own part, from the inputs that it committed to, is above the same threshold. Else the lead answers for its cohort, and audits of single segments decide.
/// </summary>
internal sealed class ToleranceOffender(int segments, Offender lead)
{
    /// <summary>Who answers.</summary>
    /// <param name="provider">The provider of the segment at whose output the figure failed; null where several ran it.</param>
    /// <param name="threshold">The threshold of the figure.</param>
    /// <param name="own">The same figure of the segment alone; null where the evidence does not tell.</param>
    public async ValueTask<Offender> OfAsync(Offender? provider, double threshold, Func<ValueTask<double?>> own)
    {
        if (provider is null || segments == 1) return provider ?? lead;
        try
        {
            return await own().ConfigureAwait(false) > threshold ? provider : lead;
        }
        catch (ArithmeticException)
        {
            return provider; // Nobody computes a finite output where there is none.
        }
    }
}
