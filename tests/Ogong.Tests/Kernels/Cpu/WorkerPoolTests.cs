using NUnit.Framework;
using Ogong.Kernels.Cpu;

namespace Ogong.Tests.Kernels.Cpu;

[TestFixture]
internal sealed unsafe class WorkerPoolTests
{
    [Test]
    public void Run_executes_every_task_once([Values(1, 2, 3, 7)] int threads)
    {
        using var pool = new WorkerPool(threads);
        int* counts = stackalloc int[100];
        for (int region = 1; region <= 2000; region++)
        {
            int tasks = region % 100;
            new Span<int>(counts, 100).Clear();
            pool.Run(tasks, new CountJob { Counts = counts });
            for (int i = 0; i < 100; i++) Assert.That(counts[i], Is.EqualTo(i < tasks ? 1 : 0));
        }
    }

    [Test]
    public void Regions_of_several_callers_do_not_mix()
    {
        using var pool = new WorkerPool(3);
        Parallel.For(0, 4, caller =>
        {
            int* counts = stackalloc int[64];
            for (int region = 0; region < 500; region++)
            {
                new Span<int>(counts, 64).Clear();
                pool.Run(64, new CountJob { Counts = counts });
                for (int i = 0; i < 64; i++) Assert.That(counts[i], Is.EqualTo(1));
            }
        });
    }

    [Test]
    public void A_parked_pool_wakes_and_finishes()
    {
        using var pool = new WorkerPool(4);
        int* counts = stackalloc int[16];
        for (int round = 0; round < 5; round++)
        {
            Thread.Sleep(20);
            new Span<int>(counts, 16).Clear();
            pool.Run(16, new SleepyJob { Counts = counts });
            for (int i = 0; i < 16; i++) Assert.That(counts[i], Is.EqualTo(1));
        }
    }

    [Test]
    public void The_first_exception_reaches_the_caller_and_the_pool_survives([Values(1, 3)] int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int round = 0; round < 100; round++)
            Assert.Throws<InvalidOperationException>(() => pool.Run(32, new ThrowingJob()));
        int* counts = stackalloc int[8];
        pool.Run(8, new CountJob { Counts = counts });
        Assert.That(counts[7], Is.EqualTo(1));
    }

    [Test]
    public void Run_does_not_allocate()
    {
        using var pool = new WorkerPool(2);
        int* counts = stackalloc int[8];
        pool.Run(8, new CountJob { Counts = counts });
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) pool.Run(8, new CountJob { Counts = counts });
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void A_disposed_pool_refuses_to_run()
    {
        var pool = new WorkerPool(2);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(2, new ThrowingJob()));
    }

    private struct CountJob : IParallelJob
    {
        public int* Counts;

        public readonly void Execute(int task) => Interlocked.Increment(ref Counts[task]);
    }

    private struct SleepyJob : IParallelJob
    {
        public int* Counts;

        public readonly void Execute(int task)
        {
            Thread.Sleep(1);
            Interlocked.Increment(ref Counts[task]);
        }
    }

    private struct ThrowingJob : IParallelJob
    {
        public readonly void Execute(int task) => throw new InvalidOperationException($"task {task}");
    }
}
