using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ogong.Bytes;

/// <summary>Writes a <see cref="Digest"/> as a string of 64 lower-case hex digits and reads it back.</summary>
public sealed class DigestJsonConverter : JsonConverter<Digest>
{
    /// <inheritdoc/>
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Digest.TryParse(reader.GetString(), out Digest digest)
            ? digest
            : throw new JsonException("A digest is a string of 64 hexadecimal digits.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }
}
