using System.Globalization;
using System.Text.Json;
using Ogong.Cli.Local;
using Ogong.Diffusion;
using Ogong.Records;

namespace Ogong.Cli.Diffusion;

/// <summary>Shows what a trajectory says of itself.</summary>
internal static class TrajectoryReport
{
    public static void WritePeople(Output output, TrajectoryReply reply)
    {
        (DiffusionOrder order, TrajectoryRecord record) = (reply.Order.Message, reply.Record.Message);
        output.Facts("order",
            ("hash", record.OrderHash.ToString()),
            ("consumer", order.ConsumerKeyId.ToString()),
            ("profile", order.Profile.Profile.ToString()),
            ("conditioning", Describe(reply.Conditioning)),
            ("schedule", string.Create(CultureInfo.InvariantCulture, $"{order.Schedule.Kind}, {order.Steps} steps, guidance {order.Guidance}, seed {order.Seed}, committed every {(order.Stride == 1 ? "step" : $"{order.Stride} steps")}")),
            ("latents", order.Shape.ToString()),
            ("fee", order.Fee.ToString(CultureInfo.InvariantCulture)));
        output.Facts("record",
            ("hash", record.Hash().ToString()),
            ("lead", record.ProviderKeyId.ToString()),
            ("model root", record.ModelRoot.ToString()),
            ("trajectory root", record.TrajectoryRoot.ToString()),
            ("final latent", record.FinalLatent.ToString()),
            ("kept", $"{Kept(reply)} of {reply.Latents.Count} committed latents"));
        SegmentReport.WritePeople(output, Segments(reply));
    }

    public static void WriteJson(Utf8JsonWriter json, TrajectoryReply reply)
    {
        (DiffusionOrder order, TrajectoryRecord record) = (reply.Order.Message, reply.Record.Message);
        json.WriteString("record_hash", record.Hash().ToString());
        json.WriteString("reply_id", record.ReplyId.ToString());
        json.WriteString("order_hash", record.OrderHash.ToString());
        json.WriteString("consumer", order.ConsumerKeyId.ToString());
        json.WriteString("lead", record.ProviderKeyId.ToString());
        json.WriteString("model_root", record.ModelRoot.ToString());
        json.WriteString("trajectory_root", record.TrajectoryRoot.ToString());
        json.WriteString("final_latent", record.FinalLatent.ToString());
        json.WriteString("profile", order.Profile.Profile.ToString());
        json.WriteString("scheduler", order.Schedule.Kind.ToString());
        if (reply.Conditioning.Label is { } label) json.WriteNumber("label", label);
        json.WriteNumber("steps", order.Steps);
        json.WriteNumber("stride", order.Stride);
        json.WriteNumber("seed", order.Seed);
        json.WriteNumber("guidance", order.Guidance);
        json.WriteString("shape", order.Shape.ToString());
        json.WriteString("fee", order.Fee.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("latents_kept", Kept(reply));
        SegmentReport.WriteJson(json, Segments(reply));
    }

    private static string Describe(Conditioning conditioning) =>
        conditioning.Label is { } label ? $"class {label}" : $"{conditioning.Tokens} vectors of {conditioning.Width}";

    private static int Kept(TrajectoryReply reply) => reply.Latents.Count(static latent => !latent.Latent.IsEmpty);

    // The first segment's inputs are the latents themselves.
    private static IEnumerable<(SegmentAttestation, bool)> Segments(TrajectoryReply reply) => reply.Segments.Select(
        s => (s.Attestation.Message, s.Attestation.Message.Segment == 0 ? Kept(reply) == reply.Latents.Count : s.Steps.All(static step => !step.OpenedInput.IsEmpty)));
}
