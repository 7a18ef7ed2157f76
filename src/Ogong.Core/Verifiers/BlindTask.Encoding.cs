using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Verifiers;

/// <summary>The byte string of a blind task, whose length depends on the shape of the work alone: a honeypot's is as long as that of the task it was made from.</summary>
public sealed partial class BlindTask : ICanonical<BlindTask>
{
    // Rows the claims cover: generated tokens at the end of the model, all positions before it.
    private int ClaimRows => IsLast ? Tokens.Length : Prompt.Length + Tokens.Length - 1;

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.UInt16(Protocol.Version);
        writer.Digest(Id);
        writer.Digest(Beacon);
        writer.Digest(ModelRoot);
        writer.Count(FirstLayer);
        writer.Count(EndLayer);
        writer.Flag(IsLast);
        Profile.Write(writer);
        Sampling.Write(writer);
        writer.Tokens(Prompt.AsSpan());
        writer.Tokens(Tokens.AsSpan());
        writer.Count(Inputs.Length / (Prompt.Length + Tokens.Length - 1)); // width, 0 from the token ids on
        writer.Singles(Inputs.Span);
        foreach (BlindClaim claim in Claims)
        {
            writer.Digest(claim.StateHash);
            if (claim.Sketch is { } sketch) writer.Raw(sketch.Bytes);
            if (IsLast) writer.Digest(claim.TopKHash);
            claim.TopK?.Write(writer);
        }
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out BlindTask? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryDigest(out Digest id, "task id")
            || !reader.TryDigest(out Digest beacon, "beacon")
            || !reader.TryDigest(out Digest model, "model root")
            || !reader.TryCount(0, Protocol.MaxLayers - 1, out int first, "first layer")
            || !reader.TryCount(1, Protocol.MaxLayers, out int end, "end layer")
            || !reader.TryFlag(out bool isLast, "last")
            || !ProfileParameters.TryRead(ref reader, out ProfileParameters? profile)
            || !SamplingParameters.TryRead(ref reader, out SamplingParameters? sampling)
            || !reader.TryTokens(1, Protocol.MaxTokens, out int[] prompt, "prompt")
            || !reader.TryTokens(1, Protocol.MaxTokens, out int[] tokens, "tokens")
            || !reader.TryCount(0, Protocol.MaxWidth, out int width, "width"))
            return false;
        if (end <= first || (width == 0) != (first == 0)) return reader.FailAt(DecodeError.Inconsistent, start, "layers");
        long values = (long)width * (prompt.Length + tokens.Length - 1);
        if (values > reader.Remaining / sizeof(float)) return reader.Fail(DecodeError.Truncated, "inputs");
        if (!reader.TrySingles((int)values, out float[] inputs, "inputs")) return false;
        var read = new BlindTask
        {
            Id = id,
            Beacon = beacon,
            ModelRoot = model,
            FirstLayer = first,
            EndLayer = end,
            Profile = profile,
            Sampling = sampling,
            Prompt = ImmutableCollectionsMarshal.AsImmutableArray(prompt),
            Tokens = ImmutableCollectionsMarshal.AsImmutableArray(tokens),
            Inputs = inputs,
            IsLast = isLast,
            Claims = [],
        };
        if (!read.TryReadClaims(ref reader, out List<BlindClaim> claims)) return false;
        value = read.With(id, claims);
        return true;
    }

    private bool TryReadClaims(ref ByteReader reader, out List<BlindClaim> claims)
    {
        claims = [];
        for (int w = 0; w < CommitmentWindow.Count(ClaimRows); w++)
        {
            int rows = CommitmentWindow.RowsOf(w, ClaimRows);
            SketchWindow? sketch = null;
            Digest topKHash = default;
            TopKWindow? topK = null;
            if (!reader.TryDigest(out Digest states, "state hash")) return false;
            if (!Profile.IsExact && !SketchWindow.TryRead(ref reader, rows, Profile.Sketch, out sketch)) return false;
            if (IsLast && !reader.TryDigest(out topKHash, "top-k hash")) return false;
            if (IsLast && !Profile.IsExact && !TopKWindow.TryRead(ref reader, rows, Profile.TopK, out topK)) return false;
            claims.Add(new BlindClaim(w, states, sketch, topKHash, topK));
        }
        return true;
    }
}
