namespace Ogong.Models;

/// <summary>Reads the decoder of a <c>tokenizer.json</c>.</summary>
internal static class TokenizerJsonDecoder
{
    public static TokenDecoding Read(JsonFields root)
    {
        JsonFields decoder = root.Object("decoder") ?? throw root.Refuse("decoder", "is missing.");
        (TokenDecoding decoding, _) = Add(new TokenDecoding(), fused: false, decoder);
        return decoding;
    }

    /// <summary>Adds one step. What a step does to each token means something else once they are fused, so the order counts.</summary>
    private static (TokenDecoding Decoding, bool Fused) Add(TokenDecoding decoding, bool fused, JsonFields step)
    {
        string type = TokenizerJsonSteps.TypeOf(step);
        if (type == "Sequence")
        {
            foreach (JsonFields part in TokenizerJsonSteps.Parts(step, "decoders")) (decoding, fused) = Add(decoding, fused, part);
            return (decoding, fused);
        }
        if (type == "Fuse") return (decoding, true);
        if (decoding.IsByteLevel || fused != (type == "Strip"))
            throw step.Refuse("type", $"{ModelFormatException.Quote(type)} is not supported at this place of the sequence.");
        return (Added(decoding, type, step), fused);
    }

    private static TokenDecoding Added(TokenDecoding decoding, string type, JsonFields step)
    {
        switch (type)
        {
            case "ByteLevel":
                return decoding with { IsByteLevel = true };
            case "ByteFallback":
                return decoding with { HasByteTokens = true };
            case "Replace":
                TokenizerJsonSteps.Demand(step.Object("pattern") ?? throw step.Refuse("pattern", "is missing."), "String", SpaceMark.Text);
                TokenizerJsonSteps.Demand(step, "content", " ");
                return decoding with { HasSpaceMarks = true };
            case "Metaspace":
                TokenizerJsonSteps.Demand(step, "replacement", SpaceMark.Text);
                bool trims = TokenizerJsonSteps.PrefixOf(step) != SpacePrefix.None;
                return decoding with { HasSpaceMarks = true, LeadingSpace = trims ? LeadingSpace.FirstTokenTrimmed : decoding.LeadingSpace };
            case "Strip":
                TokenizerJsonSteps.Demand(step, "content", " ");
                if (step.RequiredInt("stop", 0, 0) + step.RequiredInt("start", 0, 1) > 0) decoding = decoding with { LeadingSpace = LeadingSpace.OneDropped };
                return decoding;
            default:
                throw step.Refuse("type", $"{ModelFormatException.Quote(type)} is not supported; ByteLevel, ByteFallback, Replace, Metaspace, Fuse, Strip and Sequence are.");
        }
    }
}
