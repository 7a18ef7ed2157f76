using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Records;

/// <summary>One valid value of each format.</summary>
internal static class Samples
{
    public static readonly ProfileParameters Fast =
        ProfileParameters.Fast(new SketchParameters(11, 4, StorageFormat.F16), ToleranceThresholds.Default with { Ks = 0.10f, CalibratedKs = 0.01f }, StorageFormat.BF16, topK: 3);

    public static Reply ExactReply { get; } = new ToyCohort { Profile = ProfileParameters.Exact(topK: 4) }.Produce();

    public static Reply FastReply { get; } = new ToyCohort { Profile = Fast, Statements = true }.Produce();

    /// <summary>Small files for many cases: one window, one segment, opened, with its statement.</summary>
    public static Reply SmallExactReply { get; } = Small(ProfileParameters.Exact(topK: 4), 2);

    public static Reply SmallFastReply { get; } = Small(Fast, 1);

    public static Advertisement Advertisement { get; } = new()
    {
        Network = "test",
        ProviderKeyId = ToyCohort.Id(ToyCohort.Provider(0)),
        ModelRoot = new HashTag("toy/model").Hash([1]),
        FirstLayer = 2,
        EndLayer = 4,
        Layers = 6,
        PricePerUnit = UInt128.MaxValue / 3,
        Capacity = 8,
        Profiles = [NumericProfile.Exact1, NumericProfile.Fast1],
        Expiry = 1_700_000_000_000,
    };

    public static BoundaryStatement Statement => FastReply.Segments[0].Windows[1].Statement!.Message;

    public static EquivocationProof Equivocation { get; } =
        new(Statement.Sign(ToyCohort.Provider(0)), (Statement with { OutputHash = default }).Sign(ToyCohort.Provider(0)));

    public static byte[] Bytes(Reply reply)
    {
        using var stream = new MemoryStream();
        reply.WriteTo(stream);
        return stream.ToArray();
    }

    private static Reply Small(ProfileParameters profile, int segment)
    {
        Reply reply = new ToyCohort { Profile = profile, Statements = true, MaxTokens = 3, Prompt = [3, 1, 4] }.Produce();
        return new Reply
        {
            Order = reply.Order,
            ConsumerKey = reply.ConsumerKey,
            Prompt = reply.Prompt,
            TextWindows = reply.TextWindows,
            Segments = [reply.Segments[segment]],
            Record = reply.Record,
            ProviderKey = reply.ProviderKey,
        };
    }
}
