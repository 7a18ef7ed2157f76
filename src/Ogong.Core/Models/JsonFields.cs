using System.Globalization;
using System.Text.Json;

namespace Ogong.Models;

/// <summary>
/// Typed access to the members of a JSON object from a file a stranger wrote: a member of another type, or outside its range, is refused by
/// name.
/// </summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _object;
    private readonly string _file;
    private readonly string _prefix;

    private JsonFields(JsonElement element, string file, string prefix) => (_object, _file, _prefix) = (element, file, prefix);

    /// <summary>
    /// Reads a whole JSON file and hands its top-level object to <paramref name="read"/>. Whatever the bytes, only
    /// <see cref="ModelFormatException"/> comes out.
    /// </summary>
    public static T Parse<T>(ReadOnlyMemory<byte> json, string file, Func<JsonFields, T> read)
    {
        try
        {
            // Duplicate keys would leave it to the reader which one counts.
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(file, "The file is not a JSON object.");
            return read(new JsonFields(document.RootElement, file, ""));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not valid UTF-8, or an unpaired surrogate escape.
            throw new ModelFormatException(file, "The file is not valid JSON, or states a key twice.", e);
        }
    }

    public ModelFormatException Refuse(string key, string what) => new(_file, $"{_prefix}{key} {what}");

    /// <summary>Every key of the object.</summary>
    public IEnumerable<string> Keys => _object.EnumerateObject().Select(static member => member.Name);

    /// <summary>Whether the key is there at all, null included.</summary>
    public bool Has(string key) => _object.TryGetProperty(key, out _);

    /// <summary>Whether the key is there and not null.</summary>
    public bool Sets(string key) => Get(key) is not null;

    public JsonFields? Object(string key) => Get(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new JsonFields(value, _file, $"{_prefix}{key}."),
        _ => throw Refuse(key, "is not an object."),
    };

    public string? String(string key) => Get(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Refuse(key, "is not a string."),
    };

    public IReadOnlyList<string>? Strings(string key) => Get(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value when value.EnumerateArray().All(static e => e.ValueKind == JsonValueKind.String)
            => [.. value.EnumerateArray().Select(static e => e.GetString()!)],
        _ => throw Refuse(key, "is not a list of strings."),
    };

    /// <summary>The objects of a list; null where absent.</summary>
    public IReadOnlyList<JsonFields>? Objects(string key, int mostCount)
    {
        if (Array(key) is not { } array) return null;
        if (array.GetArrayLength() > mostCount) throw Refuse(key, $"lists more than {mostCount} items.");
        var objects = new List<JsonFields>();
        foreach (JsonElement item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw Refuse($"{key}[{objects.Count}]", "is not an object.");
            objects.Add(new JsonFields(item, _file, $"{_prefix}{key}[{objects.Count}]."));
        }
        return objects;
    }

    /// <summary>The items of a list, whatever they are; null where absent.</summary>
    public JsonElement? Array(string key) => Get(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => value,
        _ => throw Refuse(key, "is not a list."),
    };

    /// <summary>This object's members, each an integer.</summary>
    public IEnumerable<KeyValuePair<string, int>> Ints(int least, int most)
    {
        foreach (JsonProperty member in _object.EnumerateObject())
            yield return new(member.Name, ToInt(member.Value, ModelFormatException.Quote(member.Name), least, most));
    }

    public bool Bool(string key, bool absent) => Get(key) switch
    {
        null => absent,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Refuse(key, "is not true or false."),
    };

    public int? Int(string key, int least, int most) => Get(key) is { } value ? ToInt(value, key, least, most) : null;

    public int RequiredInt(string key, int least, int most) => Int(key, least, most) ?? throw Refuse(key, "is missing.");

    /// <summary>
    /// An integer, or a list of at most 64, as Hugging Face writes end tokens; ascending without duplicates. Null where absent.
    /// </summary>
    public IReadOnlyList<int>? IntOrInts(string key, int least, int most)
    {
        if (Get(key) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) return [ToInt(value, key, least, most)];
        if (value.GetArrayLength() > 64) throw Refuse(key, "lists more than 64 numbers.");
        var numbers = new SortedSet<int>();
        foreach (JsonElement element in value.EnumerateArray()) numbers.Add(ToInt(element, key, least, most));
        return [.. numbers];
    }

    /// <summary>A list of <paramref name="fewest"/> to <paramref name="longest"/> integers, in its order; null where the key is absent or a single integer.</summary>
    public IReadOnlyList<int>? Ints(string key, int least, int most, int fewest, int longest)
    {
        if (Get(key) is not { ValueKind: JsonValueKind.Array } value) return null;
        if (value.GetArrayLength() < fewest || value.GetArrayLength() > longest) throw Refuse(key, $"lists {value.GetArrayLength()} numbers; {fewest} to {longest} are supported.");
        var numbers = new List<int>();
        foreach (JsonElement element in value.EnumerateArray()) numbers.Add(ToInt(element, key, least, most));
        return numbers;
    }

    /// <summary>A number, decimal → binary64, finite and in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public double? Double(string key, double least, double most)
    {
        if (Get(key) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number)) throw Refuse(key, "is not a number.");
        return number >= least && number <= most
            ? number
            : throw Refuse(key, string.Create(CultureInfo.InvariantCulture, $"is {number:R}, outside [{least:R}, {most:R}]."));
    }

    private JsonElement? Get(string key) => _object.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private int ToInt(JsonElement value, string key, int least, int most)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number)) throw Refuse(key, "is not an integer.");
        return number >= least && number <= most ? (int)number : throw Refuse(key, $"is {number}, outside [{least}, {most}].");
    }
}
