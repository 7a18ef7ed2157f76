using System.Text.Json;

namespace Ogong.Models;

/// <summary>Reads the normaliser, pre-tokenizer and post-processor of a <c>tokenizer.json</c>.</summary>
internal sealed class TokenizerJsonSteps
{
    private const int MostSteps = 16;

    private readonly List<Scanner> _scanners = [];
    private bool _composes;
    private bool _marksSpaces;
    private bool _isByteLevel;
    private bool _addsSpace;
    private SpacePrefix _prefix;
    private (int[] Before, int[] After)? _template;

    private TokenizerJsonSteps()
    {
    }

    public static BpeSteps Read(JsonFields root, BpeVocabulary vocabulary)
    {
        var read = new TokenizerJsonSteps();
        if (root.Object("normalizer") is { } normalizer) read.Normalizer(normalizer);
        if (root.Object("pre_tokenizer") is { } preTokenizer) read.PreTokenizer(preTokenizer);
        if (root.Object("post_processor") is { } postProcessor) read.PostProcessor(postProcessor, vocabulary);
        var steps = new BpeSteps
        {
            RawTokens = new AddedTokens([]),
            NormalizedTokens = new AddedTokens([]),
            Composes = read._composes,
            MarksSpaces = read._marksSpaces,
            SpacePrefix = read._prefix,
            Scanners = read._scanners,
            AddsSpace = read._addsSpace,
            IsByteLevel = read._isByteLevel,
            Before = read._template?.Before ?? [],
            After = read._template?.After ?? [],
        };
        (AddedTokens raw, AddedTokens normalized) = vocabulary.Matchers(steps.Normalize);
        return steps with { RawTokens = raw, NormalizedTokens = normalized };
    }

    /// <summary>The name of a component.</summary>
    public static string TypeOf(JsonFields component) => component.String("type") ?? throw component.Refuse("type", "is missing.");

    /// <summary>The parts of a sequence.</summary>
    public static IReadOnlyList<JsonFields> Parts(JsonFields sequence, string key)
        => sequence.Objects(key, MostSteps) ?? throw sequence.Refuse(key, "is missing.");

    /// <summary>Refuses a key with any value but one.</summary>
    public static void Demand(JsonFields component, string key, string value)
    {
        if (component.String(key) is var stated && stated != value)
            throw component.Refuse(key, $"is {(stated is null ? "missing" : ModelFormatException.Quote(stated))}; {ModelFormatException.Quote(value)} is supported.");
    }

    private void Normalizer(JsonFields normalizer)
    {
        switch (TypeOf(normalizer))
        {
            case "Sequence":
                foreach (JsonFields part in Parts(normalizer, "normalizers")) Normalizer(part);
                break;
            case "NFC":
                _composes = true;
                break;
            case "Prepend":
                Demand(normalizer, "prepend", SpaceMark.Text);
                SetPrefix(normalizer, SpacePrefix.Always);
                break;
            case "Replace":
                Demand(normalizer.Object("pattern") ?? throw normalizer.Refuse("pattern", "is missing."), "String", " ");
                Demand(normalizer, "content", SpaceMark.Text);
                _marksSpaces = true;
                break;
            case var other:
                throw normalizer.Refuse("type", $"{ModelFormatException.Quote(other)} is not supported; NFC, Prepend, Replace and Sequence are.");
        }
    }

    private void PreTokenizer(JsonFields preTokenizer)
    {
        string type = TypeOf(preTokenizer);
        if (_isByteLevel) throw preTokenizer.Refuse("type", $"{ModelFormatException.Quote(type)} after ByteLevel is not supported.");
        switch (type)
        {
            case "Sequence":
                foreach (JsonFields part in Parts(preTokenizer, "pretokenizers")) PreTokenizer(part);
                break;
            case "ByteLevel":
                _addsSpace = preTokenizer.Bool("add_prefix_space", absent: true);
                if (_addsSpace && _scanners.Count > 0) throw preTokenizer.Refuse("add_prefix_space", "is not supported after another pre-tokenizer.");
                if (preTokenizer.Bool("use_regex", absent: true)) _scanners.Add(Scanners.Gpt2);
                _isByteLevel = true;
                break;
            case "Split":
                _scanners.Add(Split(preTokenizer));
                break;
            case "Digits":
                _scanners.Add(preTokenizer.Bool("individual_digits", absent: false) ? Scanners.Digits : Scanners.NumberRuns);
                break;
            case "Metaspace":
                Metaspace(preTokenizer);
                break;
            default:
                throw preTokenizer.Refuse("type",
                    $"{ModelFormatException.Quote(type)} is not supported; ByteLevel, Split, Digits, Metaspace and Sequence are.");
        }
    }

    private static Scanner Split(JsonFields split)
    {
        string pattern = (split.Object("pattern") ?? throw split.Refuse("pattern", "is missing.")).String("Regex")
            ?? throw split.Refuse("pattern", "is not a Regex.");
        // The patterns leave nothing between their matches, so to isolate them is to keep them and drop the rest.
        bool keepsMatches = (split.String("behavior"), split.Bool("invert", absent: false)) is ("Isolated", _) or ("Removed", true);
        if (!keepsMatches) throw split.Refuse("behavior", "is not supported; Isolated is, and Removed with invert.");
        return Scanners.OfPattern(pattern) ?? throw split.Refuse("pattern", $"{ModelFormatException.Quote(pattern)} is not one of the supported patterns.");
    }

    private void Metaspace(JsonFields metaspace)
    {
        if (_scanners.Count > 0) throw metaspace.Refuse("type", "'Metaspace' after another pre-tokenizer is not supported.");
        Demand(metaspace, "replacement", SpaceMark.Text);
        _marksSpaces = true;
        SetPrefix(metaspace, PrefixOf(metaspace));
        if (metaspace.Bool("split", absent: true)) _scanners.Add(Scanners.SingleSpaceMarks);
    }

    /// <summary>Where a Metaspace puts a ▁, by its newer key or its older one.</summary>
    public static SpacePrefix PrefixOf(JsonFields metaspace) => metaspace.String("prepend_scheme") switch
    {
        null => metaspace.Bool("add_prefix_space", absent: true) ? SpacePrefix.WhereMissing : SpacePrefix.None,
        "always" => SpacePrefix.WhereMissing,
        "first" => SpacePrefix.FirstWhereMissing,
        "never" => SpacePrefix.None,
        var other => throw metaspace.Refuse("prepend_scheme", $"{ModelFormatException.Quote(other)} is not supported; always, first and never are."),
    };

    private void SetPrefix(JsonFields component, SpacePrefix prefix)
    {
        if (_prefix != SpacePrefix.None) throw component.Refuse("type", "prepends a second time, which is not supported.");
        _prefix = prefix;
    }

    private void PostProcessor(JsonFields processor, BpeVocabulary vocabulary)
    {
        switch (TypeOf(processor))
        {
            case "Sequence":
                foreach (JsonFields part in Parts(processor, "processors")) PostProcessor(part, vocabulary);
                break;
            case "ByteLevel":
                break; // only moves offsets
            case "TemplateProcessing":
                if (_template is not null) throw processor.Refuse("type", "'TemplateProcessing' appears twice.");
                _template = Template(processor, vocabulary);
                break;
            case var other:
                throw processor.Refuse("type", $"{ModelFormatException.Quote(other)} is not supported; ByteLevel, TemplateProcessing and Sequence are.");
        }
    }

    /// <summary>The tokens before and after the one text of a template; its form for two texts is not used.</summary>
    private static (int[] Before, int[] After) Template(JsonFields template, BpeVocabulary vocabulary)
    {
        var before = new List<int>();
        List<int>? after = null;
        foreach (JsonFields part in Parts(template, "single"))
        {
            if (part.Object("SpecialToken") is { } special) (after ?? before).AddRange(Special(template, special, vocabulary));
            else if (part.Object("Sequence") is { } text && after is null && text.String("id") == "A") after = [];
            else throw template.Refuse("single", "has an item that is neither a special token nor the text, once.");
        }
        return after is null ? throw template.Refuse("single", "has no place for the text.") : ([.. before], [.. after]);
    }

    private static IEnumerable<int> Special(JsonFields template, JsonFields special, BpeVocabulary vocabulary)
    {
        string name = special.String("id") ?? throw special.Refuse("id", "is missing.");
        JsonFields token = template.Object("special_tokens")?.Object(name)
            ?? throw template.Refuse("special_tokens", $"has no {ModelFormatException.Quote(name)}.");
        JsonElement ids = token.Array("ids") ?? throw token.Refuse("ids", "is missing.");
        if (ids.GetArrayLength() > MostSteps) throw token.Refuse("ids", $"lists more than {MostSteps} ids.");
        foreach (JsonElement item in ids.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int id) || !vocabulary.Has(id))
                throw token.Refuse("ids", "names a token that is not there.");
            yield return id;
        }
    }
}
