namespace Ogong.Models;

/// <summary>
/// The rotary embedding of a config, in its three spellings: <c>rope_theta</c> with <c>rope_scaling</c> (its kind under <c>rope_type</c>,
/// formerly <c>type</c>), or the newer <c>rope_parameters</c> holding both.
/// </summary>
internal static class RopeReader
{
    private const double DefaultTheta = 10000;

    public static (double Theta, Llama3RopeScaling? Scaling) Read(JsonFields config)
    {
        JsonFields? scaling = config.Object("rope_scaling"), parameters = config.Object("rope_parameters");
        if (scaling is not null && parameters is not null) throw config.Refuse("rope_parameters", "and rope_scaling are both set.");
        double? top = Theta(config), inner = parameters is { } p ? Theta(p) : null;
        if (top is not null && inner is not null && top != inner)
            throw config.Refuse("rope_theta", "differs from rope_parameters.rope_theta.");
        if ((parameters ?? config).Double("partial_rotary_factor", 0, 1) is < 1)
            throw config.Refuse("partial_rotary_factor", "below 1 is not supported.");
        return (top ?? inner ?? DefaultTheta, (scaling ?? parameters) is { } rope ? ReadScaling(rope) : null);
    }

    /// <summary>Decimal → binary64, as the profile has it: only the table of cosines and sines is rounded to binary32.</summary>
    private static double? Theta(JsonFields fields) => fields.Double("rope_theta", 1, 1e30);

    private static Llama3RopeScaling? ReadScaling(JsonFields rope)
    {
        string? kind = rope.String("rope_type"), old = rope.String("type");
        if (kind is not null && old is not null && kind != old) throw rope.Refuse("type", "differs from rope_type.");
        switch (kind ?? old)
        {
            case "llama3":
                break;
            case "default":
                return null;
            case null when !rope.Has("factor"):
                return null; // rope_parameters with nothing but the base
            case string other:
                throw rope.Refuse("rope_type", $"{ModelFormatException.Quote(other)} is not supported; 'default' and 'llama3' are.");
            default:
                throw rope.Refuse("rope_type", "is missing.");
        }
        double low = Positive(rope, "low_freq_factor"), high = Positive(rope, "high_freq_factor");
        if (high <= low) throw rope.Refuse("high_freq_factor", "must exceed low_freq_factor.");
        return new Llama3RopeScaling(rope.Double("factor", 1, 1e6) ?? throw rope.Refuse("factor", "is missing."), low, high,
            rope.RequiredInt("original_max_position_embeddings", 1, ModelLimits.MaxPositions));
    }

    private static double Positive(JsonFields rope, string key) => rope.Double(key, 1e-6, 1e6) ?? throw rope.Refuse(key, "is missing.");
}
