using Ogong.Bytes;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Diffusion;

/// <summary>Payloads of the frames that only trajectories have.</summary>
internal static class TrajectoryFormat
{
    /// <summary>Most values of the opened states of one step.</summary>
    public const int MaxStates = 1 << 26;

    private const byte StatementFlag = 1, OpenedFlag = 2, OtherFlag = 4;

    /// <summary>Latent: step, digest, whether it is kept, and then its values.</summary>
    public static void WriteLatent(ByteWriter writer, CommittedLatent latent)
    {
        writer.Count(latent.Step);
        writer.Digest(latent.Digest);
        writer.Flag(!latent.Latent.IsEmpty);
        writer.Singles(latent.Latent.Span);
    }

    public static bool TryReadLatent(ref ByteReader reader, DiffusionOrder order, int expectedStep, out CommittedLatent? latent)
    {
        latent = null;
        float[] values = [];
        if (!reader.TryCount(expectedStep, expectedStep, out int step, "latent step") || !reader.TryDigest(out Digest digest, "latent digest")) return false;
        int start = reader.Offset;
        if (!reader.TryFlag(out bool kept, "latent flag")) return false;
        if (!kept && step == order.Steps) return reader.FailAt(DecodeError.Inconsistent, start, "final latent");
        if (kept && !reader.TrySingles(order.Shape.Count, out values, "latent")) return false;
        latent = new CommittedLatent { Step = step, Digest = digest, Latent = values };
        return true;
    }

    /// <summary>Step: index, flags, input and output hash, then statement, its signer's key and opened states (rows, values) as flagged.</summary>
    public static void WriteStep(ByteWriter writer, StepBoundary step, SegmentAttestation segment)
    {
        writer.Count(step.Step);
        writer.UInt8((byte)((step.Statement is null ? 0 : StatementFlag) | (step.OpenedInput.IsEmpty ? 0 : OpenedFlag) | (step.ProviderKey.IsEmpty ? 0 : OtherFlag)));
        writer.Digest(step.InputHash);
        writer.Digest(step.OutputHash);
        step.Statement?.Write(writer);
        writer.Raw(step.ProviderKey.Span);
        if (step.OpenedInput.IsEmpty) return;
        writer.Count(step.OpenedInput.Length / segment.Width);
        writer.Singles(step.OpenedInput.Span);
    }

    public static bool TryReadStep(ref ByteReader reader, SegmentAttestation segment, int expectedStep, out StepBoundary? step)
    {
        step = null;
        if (!reader.TryCount(expectedStep, expectedStep, out int index, "step")) return false;
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte flags, "step flags")) return false;
        bool mayOpen = segment.Segment > 0;
        if ((flags & ~(StatementFlag | OtherFlag | (mayOpen ? OpenedFlag : 0))) != 0 || (flags & (StatementFlag | OtherFlag)) == OtherFlag)
            return reader.FailAt(DecodeError.NotCanonical, start, "step flags");
        Signed<BoundaryStatement>? statement = null;
        ReadOnlySpan<byte> key = [];
        float[] opened = [];
        if (!reader.TryDigest(out Digest input, "input hash")
            || !reader.TryDigest(out Digest output, "output hash")
            || ((flags & StatementFlag) != 0 && !Signed<BoundaryStatement>.TryRead(ref reader, out statement))
            || ((flags & OtherFlag) != 0 && !reader.TryRaw(HybridPublicKey.Size, out key, "step provider's key"))
            || ((flags & OpenedFlag) != 0 && !(reader.TryCount(1, MaxStates / segment.Width, out int rows, "opened rows") && reader.TrySingles(rows * segment.Width, out opened, "opened states"))))
            return false;
        step = new StepBoundary { Step = index, InputHash = input, OutputHash = output, Statement = statement, ProviderKey = key.ToArray(), OpenedInput = opened };
        return true;
    }
}
