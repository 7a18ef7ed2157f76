using NUnit.Framework;
using Ogong.Kernels.Device;

namespace Ogong.Tests.Kernels.Device;

/// <summary>What is found was stored, whole; what is damaged is not found; the oldest goes first.</summary>
internal sealed class BinaryCacheTests
{
    private string _folder = null!;

    [SetUp]
    public void Create() => _folder = Path.Combine(Path.GetTempPath(), $"ogong-cache-{Guid.NewGuid():N}");

    [TearDown]
    public void Delete()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void Finds_what_was_stored()
    {
        var cache = new BinaryCache(_folder);
        Assert.That(cache.Find("aa"), Is.Null);
        cache.Store("aa", [1, 2, 3]);
        Assert.That(cache.Find("aa"), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(new BinaryCache(_folder).Find("aa"), Is.EqualTo(new byte[] { 1, 2, 3 }), "another process");
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1), "no temporary file is left");
    }

    [Test]
    public void Does_not_find_what_was_damaged([Values] bool truncated)
    {
        var cache = new BinaryCache(_folder);
        cache.Store("aa", new byte[100]);
        string file = Directory.GetFiles(_folder)[0];
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, truncated ? bytes[..^7] : bytes);
        Assert.That(cache.Find("aa"), Is.Null);
        cache.Store("aa", [7]);
        Assert.That(cache.Find("aa"), Is.EqualTo(new byte[] { 7 }), "and can be stored again");
    }

    [Test]
    public void Lets_the_least_recently_used_go_when_it_outgrows_its_limit()
    {
        var cache = new BinaryCache(_folder, limit: 350);
        cache.Store("old", new byte[100]);
        cache.Store("used", new byte[100]);
        Age("old", hours: 2);
        Age("used", hours: 3);
        Assert.That(cache.Find("used"), Is.Not.Null);
        cache.Store("new", new byte[100]);
        Assert.That(cache.Find("old"), Is.Null);
        Assert.That(cache.Find("used"), Is.Not.Null);
        Assert.That(cache.Find("new"), Is.Not.Null);
        Assert.That(cache.Size, Is.LessThanOrEqualTo(350));
    }

    [Test]
    public void Keeps_nothing_when_it_is_off()
    {
        var cache = new BinaryCache("off");
        cache.Store("aa", [1]);
        Assert.That(cache.Find("aa"), Is.Null);
        Assert.That(cache.Folder, Is.Null);
        Assert.That(cache.Size, Is.Zero);
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_no_error()
    {
        File.WriteAllText(_folder, "a file where the folder should be");
        var cache = new BinaryCache(_folder);
        cache.Store("aa", [1]);
        Assert.That(cache.Find("aa"), Is.Null);
        File.Delete(_folder);
    }

    private void Age(string key, int hours) => File.SetLastWriteTimeUtc(Path.Combine(_folder, key + ".bin"), DateTime.UtcNow.AddHours(-hours));
}
