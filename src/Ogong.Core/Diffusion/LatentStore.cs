namespace Ogong.Diffusion;

/// <summary>The latents that an audit has: x_0 from the seed, those the file keeps, those supplied as openings. All of them are known to be the committed ones.</summary>
internal sealed class LatentStore
{
    private readonly SortedDictionary<int, ReadOnlyMemory<float>> latents = [];

    public LatentStore(ReadOnlyMemory<float> initial, IEnumerable<CommittedLatent> kept)
    {
        Add(0, initial);
        foreach (CommittedLatent latent in kept)
            if (!latent.Latent.IsEmpty) Add(latent.Step, latent.Latent);
    }

    public void Add(int step, ReadOnlyMemory<float> latent) => latents[step] = latent;

    /// <summary>x_step, or empty.</summary>
    public ReadOnlyMemory<float> Find(int step) => latents.GetValueOrDefault(step);

    /// <summary>The latest latent not after x_step; x_0 is always there.</summary>
    public (int Step, ReadOnlyMemory<float> Latent) NearestBefore(int step)
    {
        (int at, ReadOnlyMemory<float> latent) = latents.Last(l => l.Key <= step);
        return (at, latent);
    }
}
