using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Cohorts;

namespace Ogong.Tests.Cohorts;

/// <summary>Restarts, crashes and damage.</summary>
public sealed class FileRetentionStoreTests
{
    private static readonly Digest _order = new HashTag("ogong/test-order/1").Hash([7]);
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("ogong-retention-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private string OrderFile => Directory.GetFiles(_folder, "*.retained").Single();

    private FileRetentionStore Open() => new(_folder, 1 << 20);

    private static RetentionKey Key(int window) => new(_order, RetainedKind.BoundaryWindow, 1, window);

    private void Fill(int windows)
    {
        using FileRetentionStore store = Open();
        for (int window = 0; window < windows; window++) store.Put(Key(window), Enumerable.Repeat((byte)window, 10 + window).ToArray());
    }

    [Test]
    public void SurvivesARestart()
    {
        Fill(3);
        using FileRetentionStore store = Open();
        Assert.That(store.Keys(_order), Has.Count.EqualTo(3));
        Assert.That(store.TryGet(Key(2), out byte[]? value) ? value : null, Is.EqualTo(Enumerable.Repeat((byte)2, 12)));
        Assert.That(store.Used, Is.EqualTo(new FileInfo(OrderFile).Length));
        Assert.That(store.Put(Key(3), [9]), Is.EqualTo(RetentionResult.Kept));
    }

    [Test]
    public void AnyTruncationCostsOnlyTheEntriesItReaches()
    {
        Fill(3);
        byte[] whole = File.ReadAllBytes(OrderFile);
        string path = OrderFile;
        int previous = 3;
        for (int length = whole.Length; length >= RetentionFile.HeaderSize; length--)
        {
            File.WriteAllBytes(path, whole[..length]);
            using FileRetentionStore store = Open();
            int kept = store.Keys(_order).Count;
            Assert.That(kept, Is.InRange(previous - 1, previous));
            for (int window = 0; window < kept; window++) Assert.That(store.TryGet(Key(window), out _), Is.True);
            previous = kept;
        }
        Assert.That(previous, Is.Zero);
    }

    [Test]
    public void AFlippedBitIsNeverHandedOut()
    {
        Fill(3);
        string path = OrderFile;
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(5);
        for (int trial = 0; trial < 500; trial++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            using FileRetentionStore store = Open();
            foreach (RetentionKey key in store.Keys(_order))
                Assert.That(store.TryGet(key, out byte[]? value) ? value : null, Is.EqualTo(Enumerable.Repeat((byte)key.Window, 10 + key.Window)));
        }
    }

    [Test]
    public void DamageAfterOpeningIsFoundOnRead()
    {
        Fill(1);
        using FileRetentionStore store = Open();
        using (var stream = new FileStream(OrderFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.Seek(RetentionFile.HeaderSize + 15, SeekOrigin.Begin);
            stream.WriteByte(0xFF);
        }
        Assert.That(store.TryGet(Key(0), out _), Is.False);
    }

    [Test]
    public void AnotherProgramsFileIsLeftAlone()
    {
        string path = Path.Combine(_folder, _order + ".retained");
        File.WriteAllText(path, "something else");
        using FileRetentionStore store = Open();
        Assert.That(store.ForeignFiles, Is.EqualTo(new[] { path }));
        Assert.That(store.Orders(), Is.Empty);
    }

    [Test]
    public void AFolderHasOneOwner()
    {
        using FileRetentionStore store = Open();
        Assert.That(Open, Throws.InstanceOf<IOException>());
    }
}
