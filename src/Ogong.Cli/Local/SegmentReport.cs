using System.Text.Json;
using Ogong.Bytes;
using Ogong.Records;
using Spectre.Console;

namespace Ogong.Cli.Local;

/// <summary>Shows the segments of a reply of either kind: what each provider attests to, and whether the file opens its inputs, so that it can be audited alone.</summary>
internal static class SegmentReport
{
    public static void WritePeople(Output output, IEnumerable<(SegmentAttestation Attestation, bool IsOpened)> segments)
    {
        var table = new Table().AddColumns("segment", "layers", "provider", "work units", "input root", "output root", "opened");
        foreach ((SegmentAttestation a, bool opened) in segments)
            table.AddRow($"{a.Segment}", $"{a.FirstLayer}..{a.EndLayer}", Short(a.ProviderKeyId), $"{a.WorkUnits:N0}", Short(a.InputRoot), Short(a.OutputRoot), opened ? "yes" : "no");
        output.People.Write(table);
    }

    public static void WriteJson(Utf8JsonWriter json, IEnumerable<(SegmentAttestation Attestation, bool IsOpened)> segments)
    {
        json.WriteStartArray("segments");
        foreach ((SegmentAttestation a, bool opened) in segments)
        {
            json.WriteStartObject();
            json.WriteNumber("first_layer", a.FirstLayer);
            json.WriteNumber("end_layer", a.EndLayer);
            json.WriteString("provider", a.ProviderKeyId.ToString());
            json.WriteNumber("work_units", a.WorkUnits);
            json.WriteString("input_root", a.InputRoot.ToString());
            json.WriteString("output_root", a.OutputRoot.ToString());
            json.WriteBoolean("opened", opened);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Short(Digest digest) => digest.ToString()[..12];
}
