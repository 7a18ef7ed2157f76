using System.Text.Json;
using NUnit.Framework;

namespace Ogong.Tests.Signatures;

/// <summary>One file of Wycheproof vectors.</summary>
internal static class WycheproofFile
{
    /// <summary>Runs every test of a file and asserts how many there were of each result.</summary>
    /// <param name="file">The file name.</param>
    /// <param name="valid">Tests the file calls valid.</param>
    /// <param name="invalid">Tests the file calls invalid.</param>
    /// <param name="accepts">Whether the implementation accepts a test of a group.</param>
    /// <remarks>Policy: "valid" must be accepted and "invalid" refused. None of these files uses the class "acceptable"; should one come, the test fails.</remarks>
    public static void Run(string file, int valid, int invalid, Func<JsonElement, JsonElement, bool> accepts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Requirement.Wycheproof(file)));
        var root = document.RootElement;
        var counts = new Dictionary<string, int> { ["valid"] = 0, ["invalid"] = 0 };
        foreach (var group in root.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var result = test.GetProperty("result").GetString()!;
                Assert.That(counts.Keys, Does.Contain(result), "a result class without a policy");
                counts[result]++;
                Assert.That(
                    accepts(group, test),
                    Is.EqualTo(result == "valid"),
                    () => $"{file} test {test.GetProperty("tcId")}: {test.GetProperty("comment")} {test.GetProperty("flags")}");
            }
        }
        Assert.Multiple(() =>
        {
            Assert.That(counts["valid"], Is.EqualTo(valid));
            Assert.That(counts["invalid"], Is.EqualTo(invalid));
            Assert.That(root.GetProperty("numberOfTests").GetInt32(), Is.EqualTo(valid + invalid));
        });
    }

    /// <summary>A hexadecimal property, or empty bytes where it is absent.</summary>
    public static byte[] Hex(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? Convert.FromHexString(value.GetString()!) : [];
}
