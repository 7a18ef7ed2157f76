namespace Ogong.Diffusion;

/// <summary>The timesteps of training that the steps of Euler discrete and DDIM lie on, from the highest down.</summary>
internal static class TrainTimesteps
{
    /// <summary>Timestep of step <paramref name="step"/> as a fraction: only <see cref="TimestepSpacing.Linspace"/> falls between timesteps.</summary>
    public static (int Numerator, int Denominator) At(ScheduleParameters parameters, int step)
    {
        (int steps, int timesteps) = (parameters.Steps, parameters.TrainTimesteps);
        int left = steps - step;
        return parameters.Spacing switch
        {
            TimestepSpacing.Leading => (((left - 1) * (timesteps / steps)) + parameters.StepsOffset, 1),
            TimestepSpacing.Trailing => (NearestInteger(left * timesteps, steps) - 1, 1),
            _ => steps == 1 ? (0, 1) : ((left - 1) * (timesteps - 1), steps - 1),
        };
    }

    /// <summary>The same, rounded to an integer, ties to even.</summary>
    public static int Rounded(ScheduleParameters parameters, int step)
    {
        (int numerator, int denominator) = At(parameters, step);
        return NearestInteger(numerator, denominator);
    }

    private static int NearestInteger(int numerator, int denominator)
    {
        (int quotient, int rest) = Math.DivRem(numerator, denominator);
        return (2 * rest) + (quotient & 1) > denominator ? quotient + 1 : quotient;
    }
}
