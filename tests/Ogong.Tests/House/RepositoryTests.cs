using System.Diagnostics;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Ogong.Tests.House;

/// <summary>House rules that hold for every tracked file.</summary>
internal sealed partial class RepositoryTests
{
    private const int LongestFile = 400;

    private static readonly string[] SourceExtensions = [".cs", ".cake", ".sh", ".ps1", ".cu", ".cuh", ".cl", ".js", ".mjs"];
    private static readonly string[] BinaryExtensions = [".safetensors", ".ogong", ".png", ".bin"];

    [Test]
    public void No_source_file_is_longer_than_400_lines()
    {
        var tooLong = TrackedFiles()
            .Where(f => SourceExtensions.Contains(Path.GetExtension(f)))
            .Select(f => (File: f, Lines: File.ReadLines(Path.Combine(Repository.Root, f)).Count()))
            .Where(f => f.Lines > LongestFile)
            .Select(f => $"{f.File}: {f.Lines} lines");
        Assert.That(tooLong, Is.Empty);
    }

    [Test]
    public void No_tracked_file_names_a_folder_of_one_machine()
    {
        var found = TrackedFiles()
            .Where(f => !BinaryExtensions.Contains(Path.GetExtension(f)))
            .SelectMany(f => File.ReadLines(Path.Combine(Repository.Root, f)).Select((text, index) => (File: f, Line: index + 1, Text: text)))
            .Where(l => MachinePath().IsMatch(l.Text))
            .Select(l => $"{l.File}:{l.Line}: {MachinePath().Match(l.Text).Value}");
        Assert.That(found, Is.Empty);
    }

    [TestCase("see /ho" + "me/ada/src", true)]
    [TestCase("in C:\\Use" + "rs\\ada", true)]
    [TestCase("/wo" + "rk/main", true)]
    [TestCase("/us" + "r/lib/x86_64-linux-gnu", false)]
    [TestCase("a/wo" + "rk/b", false)]
    public void Machine_paths_are_recognised(string text, bool expected) => Assert.That(MachinePath().IsMatch(text), Is.EqualTo(expected));

    [Test]
    public void Links_between_the_pages_lead_somewhere()
    {
        var broken = TrackedFiles()
            .Where(f => Path.GetExtension(f) == ".md")
            .SelectMany(f => RelativeLink().Matches(File.ReadAllText(Path.Combine(Repository.Root, f))).Select(m => (Page: f, Target: m.Groups[1].Value)))
            .Where(l => !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(l.Page)!, l.Target)))
            .Select(l => $"{l.Page} -> {l.Target}");
        Assert.That(broken, Is.Empty);
    }

    private static string[] TrackedFiles()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.That(git.ExitCode, Is.Zero, "git ls-files failed: the tests must run in a checkout.");
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(f => File.Exists(Path.Combine(Repository.Root, f)))];
    }

    // [text](target) without scheme or anchor.
    [GeneratedRegex(@"\]\((?![a-z]+:)([^)#\s]+)(#[^)]*)?\)", RegexOptions.CultureInvariant)]
    private static partial Regex RelativeLink();

    // Home folders, and top-level folders that only some machines have.
    [GeneratedRegex(@"(?<![\w.~)}/])/(home|root|Users|work|tmp)/\w|\b[A-Za-z]:\\(Users|Work)\\", RegexOptions.CultureInvariant)]
    private static partial Regex MachinePath();
}
