using Ogong.Diffusion;

namespace Ogong.Cli.Images;

/// <summary>
/// Latents as pictures: those of an image model that works on pixels, one channel (grey) or three (colour), −1 black and +1 full. Latents of an autoencoder, audio and video have no picture here; they
/// are written as arrays.
/// </summary>
internal static class LatentPicture
{
    private const int Side = 256, StripSide = 64;

    /// <exception cref="BadInputException">The latents are none.</exception>
    public static void Require(LatentShape shape)
    {
        if (shape.Rank != 2 || shape.Channels is not (1 or 3))
            throw new BadInputException($"a latent of {shape} is no picture, which has 1 or 3 channels of rows of pixels; write it as an array with --latents FILE.npy.");
    }

    /// <summary>A latent, enlarged so that small ones can be looked at.</summary>
    public static Raster Of(LatentShape shape, ReadOnlySpan<float> latent) => Plain(shape, latent).Enlarge(Factor(shape, Side));

    /// <summary>Latents side by side, in order.</summary>
    public static Raster Strip(LatentShape shape, IEnumerable<ReadOnlyMemory<float>> latents) =>
        Raster.Strip([.. latents.Select(latent => Plain(shape, latent.Span))], gap: 1).Enlarge(Factor(shape, StripSide));

    private static Raster Plain(LatentShape shape, ReadOnlySpan<float> latent) => Raster.FromValues(latent, shape.Channels, shape.Sizes[0], shape.Sizes[1]);

    private static int Factor(LatentShape shape, int side) => Math.Max(1, side / Math.Max(shape.Sizes[0], shape.Sizes[1]));
}
