using System.Globalization;
using System.Text.Json;
using Ogong.Audit;
using Spectre.Console;

namespace Ogong.Cli.Local;

/// <summary>Shows verdicts: every figure beside its threshold, and who is at fault.</summary>
internal static class VerdictReport
{
    public static int ExitCodeOf(Verdict verdict) => verdict.Outcome == AuditOutcome.Accept ? ExitCode.Ok : ExitCode.Reject;

    /// <summary>The verdict in one line.</summary>
    public static string Summary(Verdict verdict)
    {
        if (verdict.Outcome == AuditOutcome.Accept) return "Accept";
        string who = verdict.Offender is not { } offender ? "nobody can be named"
            : $"{offender.Role.ToString().ToLowerInvariant()}{(offender.Segment is { } segment ? $" of segment {segment}" : "")} {offender.ProviderKeyId}";
        return $"Reject by {verdict.DecidedBy!.Check}: {verdict.Explanation} Offender: {who}.";
    }

    /// <summary>What was measured and what failed, figure by figure; what was only checked, in one line per check. <c>--json</c> has every figure.</summary>
    public static void WritePeople(Output output, Verdict verdict)
    {
        var table = new Table().AddColumns("check", "figure (more is worse)", "value", "threshold", "segment", "window", "position", "step");
        foreach (IGrouping<AuditCheck, AuditFigure> check in verdict.Figures.GroupBy(f => f.Check))
        {
            AuditFigure[] shown = [.. check.Where(f => f.Fails || f.Threshold > 0 || check.Key >= AuditCheck.BoundaryStates)];
            int passed = check.Count() - shown.Length;
            if (passed > 0) table.AddRow($"{check.Key}", $"{passed} checked, none fails", "0", "0", "", "", "", "");
            foreach (AuditFigure f in shown)
            {
                table.AddRow(
                    new Text($"{f.Check}", f.Fails ? new Style(Color.Red) : Style.Plain), new Text(f.Name), new Text(Number(f.Value)), new Text(Number(f.Threshold)),
                    new Text($"{f.Segment}"), new Text($"{f.Window}"), new Text($"{f.Position}"), new Text($"{f.Step}"));
            }
        }
        output.People.Write(table);
        foreach (WorkProof proof in verdict.WorkProofs) output.Line($"work proof, segment {proof.Segment}, after layer {proof.Layer}: {proof.Hash}");
        output.Line(Summary(verdict));
    }

    public static void WriteJson(Utf8JsonWriter json, Verdict verdict)
    {
        json.WriteString("verdict", verdict.Outcome == AuditOutcome.Accept ? "accept" : "reject");
        json.WriteString("record_hash", verdict.RecordHash.ToString());
        json.WriteString("explanation", verdict.Explanation);
        json.WriteString("decided_by", verdict.DecidedBy?.Check.ToString());
        if (verdict.Offender is not { } offender)
        {
            json.WriteNull("offender");
        }
        else
        {
            json.WriteStartObject("offender");
            json.WriteString("role", offender.Role.ToString().ToLowerInvariant());
            WriteNumber(json, "segment", offender.Segment);
            json.WriteString("provider_key_id", offender.ProviderKeyId?.ToString());
            json.WriteEndObject();
        }
        json.WriteStartArray("figures");
        foreach (AuditFigure f in verdict.Figures)
        {
            json.WriteStartObject();
            json.WriteString("check", f.Check.ToString());
            json.WriteString("name", f.Name);
            // JSON has no infinity; a figure that is one is far past every threshold.
            json.WriteNumber("value", Math.Clamp(f.Value, -double.MaxValue, double.MaxValue));
            json.WriteNumber("threshold", f.Threshold);
            json.WriteBoolean("fails", f.Fails);
            WriteNumber(json, "segment", f.Segment);
            WriteNumber(json, "window", f.Window);
            WriteNumber(json, "position", f.Position);
            WriteNumber(json, "step", f.Step);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("work_proofs");
        foreach (WorkProof proof in verdict.WorkProofs)
        {
            json.WriteStartObject();
            json.WriteNumber("segment", proof.Segment);
            json.WriteNumber("layer", proof.Layer);
            json.WriteString("hash", proof.Hash.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
