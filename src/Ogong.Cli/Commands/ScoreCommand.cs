using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ogong.Cli.Local;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Spectre.Console;

namespace Ogong.Cli.Commands;

/// <summary><c>score</c>: one teacher-forced pass over given tokens; nothing is generated.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var run = new RunOptions();
        Option<int[]?> tokens = CommonOptions.Tokens();
        Option<NumericMode> mode = CommonOptions.Mode();
        Option<int?> segments = CommonOptions.Segments();
        Option<int?> chunk = CommonOptions.Number("--prefill-chunk", "C", "Positions processed at once (default 256).", 1, 4096);
        Option<string?> prompt = CommonOptions.Prompt();
        var command = new Command("score", "Score given tokens under a model, without generating.") { tokens, prompt, mode, segments, chunk };
        run.AddTo(command);
        return command.Handle(async (context, cancellationToken) =>
        {
            using StoredModel model = run.OpenModel(context);
            using IBackend backend = run.OpenDevice(context);
            ModelText text = ModelText.Open(model, context.Output);
            int[] ids = text.Resolve(context.Has(tokens) ? context.Get(tokens) : null, context.Get(prompt));
            if (ids.Length > model.Config.MaxPositions) throw new BadInputException($"{ids.Length} tokens do not fit the model's context of {model.Config.MaxPositions}.");
            using LocalSegments loaded = await LocalSegments.LoadAsync(backend, model, context.Get(segments) ?? 1, cancellationToken);
            var options = new ExecutionOptions { Profile = RunOptions.Profile(context.Get(mode)), RowsPerStep = context.Get(chunk) ?? 256, ContextLength = ids.Length };
            using var scorer = new TextScorer(loaded.Segments, options);
            long start = Stopwatch.GetTimestamp();
            ScoreResult result = await scorer.ScoreAsync(ids, cancellationToken: cancellationToken);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            context.Output.Json(json => WriteJson(json, ids, result, seconds));
            WritePeople(context.Output, text.Tokenizer, ids, result, seconds);
            return ExitCode.Ok;
        });
    }

    private static void WritePeople(Output output, Tokenizer? tokenizer, int[] ids, ScoreResult result, double seconds)
    {
        var table = new Table().AddColumns("position", "token", "logprob", "likeliest next");
        TokenDecoder? decoder = tokenizer?.CreateDecoder();
        for (int i = 0; i < ids.Length; i++)
        {
            string text = decoder is null ? "" : $"  {JsonEncodedText.Encode(decoder.Append(ids[i]), JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}";
            string logprob = result.TokenLogprobs[i] is { } value ? value.ToString("F4", CultureInfo.InvariantCulture) : "-";
            string top = string.Join("  ", result.TopLogprobs[i].Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Token} ({t.Logprob:F3})")));
            table.AddRow($"{i}", Markup.Escape($"{ids[i]}{text}"), logprob, top);
        }
        output.People.Write(table);
        output.Line($"hidden states  {result.HiddenSha256}");
        output.Line(string.Create(CultureInfo.InvariantCulture, $"{ids.Length} positions in {seconds:F3} s on {result.Device.Name} ({result.Device.Detail}), {result.Mode}"));
    }

    private static void WriteJson(Utf8JsonWriter json, int[] ids, ScoreResult result, double seconds)
    {
        json.WriteStartArray("tokens");
        foreach (int id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (float? logprob in result.TokenLogprobs)
        {
            if (logprob is { } value) json.WriteNumberValue(value);
            else json.WriteNullValue();
        }
        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (IReadOnlyList<TokenLogprob> position in result.TopLogprobs)
        {
            json.WriteStartArray();
            foreach (TokenLogprob top in position)
            {
                json.WriteStartArray();
                json.WriteNumberValue(top.Token);
                json.WriteNumberValue(top.Logprob);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteString("hidden_sha256", result.HiddenSha256);
        json.WriteNumber("seconds", seconds);
        DeviceJson.Write(json, result.Device, result.Mode);
    }
}
