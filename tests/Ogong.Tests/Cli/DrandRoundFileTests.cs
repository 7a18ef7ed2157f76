using NUnit.Framework;
using Ogong.Beacon;
using Ogong.Cli;
using Ogong.Cli.Local;

namespace Ogong.Tests.Cli;

/// <summary><c>audit --drand</c>: a round is taken only if it verifies and was not public when the reply was finished.</summary>
public sealed class DrandRoundFileTests
{
    // Quicknet's round 1000, published at 1692806364.
    private const string Round = """{"round":1000,"signature":"b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"}""";
    private const long Published = 1692806364_000;

    [Test]
    public void ARoundThatNobodyKnewIsTaken()
    {
        BeaconRound round = Read(Round, Published - 1);
        Assert.That((round.Round, round.Value.ToString()), Is.EqualTo((1000UL, "a6888a3ade7a07fd53abf6147df9370f2c8a4b1a6e82ad7db778b767ea36055e")));
    }

    [TestCase(Round, Published + 1, "was public before the reply was finished")]
    [TestCase("""{"round":1001,"signature":"b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"}""", 0, "does not verify: WrongSignature")]
    [TestCase("""{"round":1000,"signature":"b446"}""", 0, "does not verify")]
    [TestCase("""{"round":-1,"signature":""}""", 0, "is not a drand round")]
    [TestCase("""{"round":1000,"signature":null}""", 0, "is not a drand round")]
    [TestCase("""{"round":1000,"signature":"xy"}""", 0, "is not a drand round")]
    [TestCase("""{"round":1000}""", 0, "is not a drand round")]
    [TestCase("[]", 0, "is not a drand round")]
    [TestCase("", 0, "is not a drand round")]
    public void AnythingElseIsBadInput(string text, long after, string reason) =>
        Assert.That(() => Read(text, after), Throws.TypeOf<BadInputException>().With.Message.Contain(reason));

    private static BeaconRound Read(string text, long after)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return DrandRoundFile.Read(path, after);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
