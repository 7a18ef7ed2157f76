namespace Ogong.Diffusion;

/// <summary>Where the N steps lie on the T timesteps of training.</summary>
public enum TimestepSpacing : byte
{
    /// <summary>Evenly from the last timestep to the first, both included.</summary>
    Linspace = 1,

    /// <summary>Multiples of ⌊T/N⌋ from 0 up, plus an offset; taken from the highest down.</summary>
    Leading = 2,

    /// <summary>T, T − T/N, T − 2T/N …; for flow matching the noise levels 1, 1 − 1/N … 1/N.</summary>
    Trailing = 3,
}
