using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>How steps are run. Of these only <see cref="Profile"/> may change a bit of a result; in the exact profile the rest never does.</summary>
public sealed record ExecutionOptions
{
    /// <summary>Exact or fast arithmetic, how keys and values are stored, and what is committed.</summary>
    public ProfileParameters Profile { get; init; } = ProfileParameters.Exact();

    /// <summary>Most positions a sequence may take; null means the model's own limit, or 4096 if that is less.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Most rows in one step: the largest chunk of a prompt that is processed at once.</summary>
    public int RowsPerStep { get; init; } = 256;

    /// <summary>Most sequences in one step.</summary>
    public int Sequences { get; init; } = 8;

    /// <summary>Pages of 256 positions in the key/value cache; null means enough for <see cref="Sequences"/> sequences of full length.</summary>
    public int? KvPages { get; init; }

    internal NumericMode Mode => Profile.IsExact ? NumericMode.Exact : NumericMode.Fast;

    internal ElementType KvType => (ElementType)Profile.KvFormat;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Profile);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowsPerStep);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Sequences);
        if (Sequences > RowsPerStep) throw new ArgumentException($"{Sequences} sequences do not fit steps of {RowsPerStep} rows.", nameof(Sequences));
        if (ContextLength is { } context) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(context, nameof(ContextLength));
        if (KvPages is { } pages) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pages, nameof(KvPages));
    }
}
