using System.Text.Json;
using Ogong.Beacon;

namespace Ogong.Cli.Local;

/// <summary>
/// A round of a drand network as its HTTP interface serves it: <c>{"round":…,"signature":"…"}</c>, with <c>"previous_signature"</c> in the chained network. It is verified here, so it does not matter
/// who delivered it.
/// </summary>
internal static class DrandRoundFile
{
    private const int MaxBytes = 1 << 12;

    /// <summary>Reads and verifies a round that nobody could know at a moment.</summary>
    /// <param name="path">The file.</param>
    /// <param name="after">Milliseconds since 1970-01-01 UTC; a round that was public by then is refused.</param>
    /// <exception cref="BadInputException">It is no round, does not verify, or is too old.</exception>
    public static BeaconRound Read(string path, long after)
    {
        if (new FileInfo(path).Length > MaxBytes) throw new BadInputException($"{path} is too large for a beacon round.");
        SignedRound signed = Parse(path);
        // Only the chained network's rounds name the round before.
        var beacon = new DrandBeacon(signed.PreviousSignature.IsEmpty ? DrandChain.Quicknet : DrandChain.Default);
        BeaconRound round = beacon.Verify(signed, out BeaconFailure failure) ?? throw new BadInputException($"{path} does not verify: {failure}.");
        if (round.Round < beacon.FirstRoundAfter(after))
            throw new BadInputException($"round {round.Round} was public before the reply was finished; the first that was not is {beacon.FirstRoundAfter(after)}.");
        return round;
    }

    private static SignedRound Parse(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            byte[] previous = root.TryGetProperty("previous_signature", out JsonElement text) ? Convert.FromHexString(text.GetString()!) : [];
            return new SignedRound(root.GetProperty("round").GetUInt64(), Convert.FromHexString(root.GetProperty("signature").GetString()!), previous);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            throw new BadInputException($"{path} is not a drand round: {e.Message}");
        }
    }
}
