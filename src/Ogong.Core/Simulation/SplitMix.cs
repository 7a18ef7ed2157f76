namespace Ogong.Simulation;

/// <summary>The generator SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same on every machine and runtime. For simulation only.</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        unchecked
        {
            ulong z = state += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return z ^ (z >> 31);
        }
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>Uniform in [0, bound); the bias of 2⁻⁴⁰ or less does not matter to a simulation.</summary>
    public int Below(int bound) => (int)(((UInt128)Next() * (ulong)bound) >> 64);
}
