namespace Ogong.Cli.Images;

/// <summary>A picture of 8-bit samples, row by row, grey or red-green-blue.</summary>
internal sealed class Raster
{
    private readonly byte[] _samples;

    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">Samples of a pixel: 1 is grey, 3 is red, green, blue.</param>
    /// <param name="samples">[height × width × channels].</param>
    public Raster(int width, int height, int channels, byte[] samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (channels is not (1 or 3)) throw new ArgumentOutOfRangeException(nameof(channels), channels, "A picture has 1 or 3 channels.");
        if (samples.Length != (long)width * height * channels) throw new ArgumentException($"{samples.Length} samples are not {height} × {width} × {channels}.", nameof(samples));
        (Width, Height, Channels, _samples) = (width, height, channels, samples);
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels { get; }

    public ReadOnlySpan<byte> Row(int y) => _samples.AsSpan(y * Width * Channels, Width * Channels);

    /// <summary>
    /// The picture that values stand for: [channels × height × width], −1 black, +1 full, clamped. What a model without an autoencoder draws needs no more than this.
    /// </summary>
    public static Raster FromValues(ReadOnlySpan<float> values, int channels, int height, int width)
    {
        byte[] samples = new byte[values.Length];
        int pixels = checked(height * width);
        for (int i = 0; i < values.Length; i++)
            samples[(i % pixels * channels) + (i / pixels)] = (byte)MathF.Round((Math.Clamp(values[i], -1, 1) + 1) * 127.5f);
        return new Raster(width, height, channels, samples);
    }

    /// <summary>Every pixel as a square of <paramref name="factor"/> × <paramref name="factor"/>.</summary>
    public Raster Enlarge(int factor)
    {
        byte[] samples = new byte[checked(_samples.Length * factor * factor)];
        int rowBytes = Width * factor * Channels;
        for (int y = 0; y < Height; y++)
        {
            Span<byte> first = samples.AsSpan(y * factor * rowBytes, rowBytes);
            for (int x = 0; x < Width * factor; x++) Row(y).Slice(x / factor * Channels, Channels).CopyTo(first[(x * Channels)..]);
            for (int copy = 1; copy < factor; copy++) first.CopyTo(samples.AsSpan(((y * factor) + copy) * rowBytes));
        }
        return new Raster(Width * factor, Height * factor, Channels, samples);
    }

    /// <summary>Pictures of one size side by side, with columns of mid-grey between them.</summary>
    public static Raster Strip(IReadOnlyList<Raster> pictures, int gap)
    {
        Raster first = pictures[0];
        if (pictures.Any(p => (p.Width, p.Height, p.Channels) != (first.Width, first.Height, first.Channels))) throw new ArgumentException("The pictures differ in size.", nameof(pictures));
        int width = checked((pictures.Count * (first.Width + gap)) - gap);
        byte[] samples = new byte[checked(width * first.Height * first.Channels)];
        Array.Fill(samples, (byte)128);
        for (int i = 0; i < pictures.Count; i++)
            for (int y = 0; y < first.Height; y++)
                pictures[i].Row(y).CopyTo(samples.AsSpan(((y * width) + (i * (first.Width + gap))) * first.Channels));
        return new Raster(width, first.Height, first.Channels, samples);
    }
}
