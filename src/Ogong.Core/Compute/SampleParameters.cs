namespace Ogong.Compute;

/// <summary>
/// Vectors that the rows of one sample share, as conditioning makes them: sample s's begin at element <c>s · Stride</c> of one buffer, so that a
/// step reads the parts of an adaLN projection where they lie. Row r belongs to sample <c>⌊r / RowsPerSample⌋</c>.
/// </summary>
/// <param name="Values">Binary32 values of every sample.</param>
/// <param name="Stride">Elements from one sample's vectors to the next's.</param>
/// <param name="RowsPerSample">Consecutive rows (tokens) of one sample.</param>
public readonly record struct SampleParameters(DeviceBuffer Values, int Stride, int RowsPerSample)
{
    /// <summary>Checks that every sample of <paramref name="rows"/> rows has a vector of <paramref name="columns"/> elements at <paramref name="offset"/>.</summary>
    /// <exception cref="ArgumentException">The vector leaves its sample's part, or the buffer ends before the last.</exception>
    internal void Require(int offset, int rows, int columns, string name)
    {
        ArgumentNullException.ThrowIfNull(Values, name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowsPerSample, name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset, name);
        if ((long)offset + columns > Stride)
            throw new ArgumentException($"Elements {offset} to {(long)offset + columns} leave a sample's {Stride}.", name);
        Values.Require((((long)rows - 1) / RowsPerSample * Stride) + offset + columns, sizeof(float), name);
    }
}
