using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Cohorts;

namespace Ogong.Tests.Cohorts;

/// <summary>What every store promises; run on each.</summary>
[TestFixture(false)]
[TestFixture(true)]
public sealed class RetentionStoreTests(bool onDisk)
{
    private static readonly HashTag _tag = new("ogong/test-order/1");
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("ogong-retention-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private IRetentionStore Open(long capacity = 1 << 20) => onDisk ? new FileRetentionStore(_folder, capacity) : new MemoryRetentionStore(capacity);

    private static RetentionKey Key(int order, int window = 0) => new(_tag.Hash([(byte)order]), RetainedKind.BoundaryWindow, 3, window);

    [Test]
    public void GivesBackWhatWasPut()
    {
        using IRetentionStore store = Open();
        Assert.That(store.Put(Key(1), [1, 2, 3]), Is.EqualTo(RetentionResult.Kept));
        Assert.That(store.TryGet(Key(1), out byte[]? value), Is.True);
        Assert.That(value, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(store.TryGet(Key(1, window: 1), out _), Is.False);
        Assert.That(store.TryGet(Key(2), out _), Is.False);
    }

    [Test]
    public void ASlotIsWrittenOnce()
    {
        using IRetentionStore store = Open();
        store.Put(Key(1), [1]);
        Assert.That(store.Put(Key(1), [1]), Is.EqualTo(RetentionResult.Kept));
        Assert.That(store.Put(Key(1), [2]), Is.EqualTo(RetentionResult.Conflict));
        Assert.That(store.TryGet(Key(1), out byte[]? value) ? value : null, Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void RefusesWhatExceedsItsBoundAndTakesItAfterARelease()
    {
        using IRetentionStore store = Open(capacity: 1000);
        Assert.That(store.Put(Key(1), new byte[600]), Is.EqualTo(RetentionResult.Kept));
        long used = store.Used;
        Assert.That(store.Put(Key(2), new byte[600]), Is.EqualTo(RetentionResult.Full));
        Assert.That(store.Used, Is.EqualTo(used));
        store.Release(Key(1).Order);
        Assert.That(store.Used, Is.Zero);
        Assert.That(store.Put(Key(2), new byte[600]), Is.EqualTo(RetentionResult.Kept));
        Assert.That(store.Orders(), Is.EqualTo(new[] { Key(2).Order }));
    }

    [Test]
    public void ListsAnOrdersKeysInTheOrderTheyWerePut()
    {
        using IRetentionStore store = Open();
        foreach (int window in (int[])[2, 0, 1]) store.Put(Key(1, window), [(byte)window]);
        store.Put(Key(2), []);
        Assert.That(store.Keys(Key(1).Order), Is.EqualTo(new[] { Key(1, 2), Key(1, 0), Key(1, 1) }));
        Assert.That(store.TryGet(Key(2), out byte[]? empty) ? empty : null, Is.Empty);
    }

    [Test]
    public void SurvivesConcurrentUse()
    {
        using IRetentionStore store = Open();
        Parallel.For(0, 200, i =>
        {
            store.Put(Key(i % 5, i), BitConverter.GetBytes(i));
            Assert.That(store.TryGet(Key(i % 5, i), out byte[]? value) ? BitConverter.ToInt32(value!) : -1, Is.EqualTo(i));
        });
        Assert.That(store.Orders().Sum(order => store.Keys(order).Count), Is.EqualTo(200));
    }
}
