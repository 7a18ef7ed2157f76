namespace Ogong.Diffusion;

/// <summary>
/// Which latents of a trajectory are committed: those before steps 0, stride, 2·stride, … and always the final one, x_N. Between two neighbours lies one transition of up to stride steps, the unit
/// that an audit draws.
/// </summary>
/// <param name="Steps">Steps of the trajectory, N.</param>
/// <param name="Stride">Steps between committed latents, 1 to N.</param>
public readonly record struct CommittedSteps(int Steps, int Stride)
{
    /// <summary>The committed latents of an order.</summary>
    public static CommittedSteps Of(DiffusionOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return new CommittedSteps(order.Steps, order.Stride);
    }

    /// <summary>Committed latents, ⌈N / stride⌉ + 1.</summary>
    public int Count => Transitions + 1;

    /// <summary>Transitions between them, ⌈N / stride⌉.</summary>
    public int Transitions => (int)(((long)Steps + Stride - 1) / Stride);

    /// <summary>Steps run before committed latent <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such latent.</exception>
    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Transitions);
            return (int)Math.Min((long)index * Stride, Steps);
        }
    }

    /// <summary>Index of the committed latent x_<paramref name="step"/>; −1 if it is not one.</summary>
    public int IndexOf(int step) => step < 0 || step > Steps ? -1 : step == Steps ? Transitions : step % Stride == 0 ? step / Stride : -1;
}
