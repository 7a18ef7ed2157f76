using System.Text.Json;
using NUnit.Framework;

namespace Ogong.Tests.Cli;

public sealed class SimulateCommandTests
{
    [Test]
    public void A_small_run_reports_what_came_of_it()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.svg");
        (int code, JsonElement result, _) = CommandLine.RunJson("simulate", "--providers", "100", "--cheaters", "0.2", "--replies", "3000", "--coverage", "0.5", "--plot", file);
        Assert.That(code, Is.Zero);
        Assert.That(result.GetProperty("cheaters_ejected").GetInt32(), Is.GreaterThan(0));
        Assert.That(result.GetProperty("conservation_checks").GetInt64(), Is.EqualTo(result.GetProperty("events").GetInt64()));
        Assert.That(File.ReadAllText(file), Does.StartWith("<svg").And.EndWith("</svg>\n"));
        File.Delete(file);
    }

    [TestCase("--cheaters", "1.1")]
    [TestCase("--providers", "7")]
    [TestCase("--replies", "0")]
    public void Options_out_of_range_are_bad_input(string option, string value) => Assert.That(CommandLine.Run("simulate", option, value).Code, Is.EqualTo(2));
}
