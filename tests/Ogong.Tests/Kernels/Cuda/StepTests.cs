using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Recorded steps: from the third time on a shape is one graph launch, with the results of its calls; whatever departs from the recording runs as called.</summary>
[TestFixture]
internal sealed class StepTests
{
    private const int Count = 300;

    private CudaBackend _backend = null!;
    private CudaQueue _queue = null!;
    private DeviceBuffer _x = null!, _y = null!, _z = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [SetUp]
    public void Begin()
    {
        _queue = (CudaQueue)_backend.CreateQueue();
        (_x, _y, _z) = (_backend.Allocate(4 * Count), _backend.Allocate(4 * Count), _backend.Allocate(4 * Count));
    }

    [TearDown]
    public void End()
    {
        foreach (IDisposable owned in (ReadOnlySpan<IDisposable>)[_queue, _x, _y, _z]) owned.Dispose();
    }

    [Test]
    public async Task The_third_time_and_later_a_step_is_replayed()
    {
        for (int i = 1; i <= 6; i++)
        {
            Assert.That(await SumAsync(shape: 7, i, 10f * i), Is.All.EqualTo(11f * i));
            Assert.That((_queue.Recordings, _queue.Replays), Is.EqualTo((i >= 2 ? 1 : 0, Math.Max(0, i - 2))));
        }
    }

    [Test]
    public async Task Shapes_are_recorded_apart()
    {
        for (int i = 1; i <= 4; i++)
        {
            Assert.That(await SumAsync(shape: 1, i, 1f), Is.All.EqualTo(i + 1f));
            Assert.That(await SumAsync(shape: 2, i, 1f, count: 17), Is.All.EqualTo(i + 1f));
        }
        Assert.That((_queue.Recordings, _queue.Replays), Is.EqualTo((2, 4)));
    }

    [Test]
    public async Task A_step_that_departs_runs_as_called_and_is_recorded_anew()
    {
        for (int i = 0; i < 3; i++) await SumAsync(shape: 1, 1f, 2f);
        Assert.That(await SumAsync(shape: 1, 3f, 4f, count: 100), Is.All.EqualTo(7f), "another size after the writes");
        Assert.That(_queue.Replays, Is.EqualTo(1));
        for (int i = 0; i < 3; i++) Assert.That(await SumAsync(shape: 1, 5f, i, count: 100), Is.All.EqualTo(5f + i));
        Assert.That((_queue.Recordings, _queue.Replays), Is.EqualTo((2, 3)));
    }

    [Test]
    public async Task A_step_that_ends_early_runs_what_was_called()
    {
        for (int i = 0; i < 3; i++) await SumAsync(shape: 1, 1f, 2f);
        _queue.BeginStep(1);
        _queue.Write<float>(Filled(9f, Count), _x);
        _queue.EndStep();
        Assert.That(await ReadAsync(_x), Is.All.EqualTo(9f));
        Assert.That(_queue.Replays, Is.EqualTo(1));
    }

    [Test]
    public async Task A_completion_within_a_step_ends_it()
    {
        for (int i = 0; i < 3; i++) await SumAsync(shape: 1, 1f, 2f);
        _queue.BeginStep(1);
        _queue.Write<float>(Filled(9f, Count), _x);
        await _queue.CompleteAsync();
        Assert.That(await ReadAsync(_x), Is.All.EqualTo(9f));
        _queue.EndStep();
        Assert.That(_queue.Replays, Is.EqualTo(1));
    }

    [Test]
    public async Task A_step_that_is_not_ended_is_abandoned()
    {
        for (int i = 0; i < 3; i++) await SumAsync(shape: 1, 1f, 2f);
        float[] untouched = Filled(-1f, Count);
        _queue.BeginStep(1);
        Call(9f, 9f, Count, untouched);
        Assert.That(await SumAsync(shape: 1, 3f, 4f), Is.All.EqualTo(7f));
        Assert.That(untouched, Is.All.EqualTo(-1f), "its reads have no destination any more");
        Assert.That(_queue.Replays, Is.EqualTo(2));
    }

    [Test]
    public async Task Two_steps_of_a_shape_before_a_completion_are_both_done()
    {
        for (int i = 0; i < 3; i++) await SumAsync(shape: 1, 1f, 2f);
        float[] first = new float[Count], second = new float[Count];
        foreach ((float[] result, float value) in new[] { (first, 3f), (second, 4f) })
        {
            _queue.BeginStep(1);
            Call(value, 1f, Count, result);
            _queue.EndStep();
        }
        await _queue.CompleteAsync();
        Assert.That(first, Is.All.EqualTo(4f));
        Assert.That(second, Is.All.EqualTo(5f));
    }

    [Test]
    public async Task A_fault_in_a_replay_names_the_output_and_the_step_works_again()
    {
        for (int i = 0; i < 3; i++) await SumAsync(shape: 1, 1f, 2f);
        _queue.Scope = "somewhere";
        NonFiniteException? fault = await Assert.ThrowsAsync<NonFiniteException>(() => SumAsync(shape: 1, float.MaxValue, float.MaxValue));
        Assert.That((fault!.Tensor, fault.Row, fault.Column), Is.EqualTo(("somewhere.Residual", 0, 0)));
        Assert.That(await SumAsync(shape: 1, 3f, 4f), Is.All.EqualTo(7f));
        Assert.That(_queue.Replays, Is.EqualTo(3));
    }

    [Test]
    public async Task Only_so_many_shapes_are_remembered()
    {
        for (int shape = 0; shape <= CudaQueue.MaxSteps; shape++)
            for (int i = 0; i < 2; i++) await SumAsync(shape, 1f, 2f, count: 10 + shape);
        int recordings = _queue.Recordings;
        await SumAsync(CudaQueue.MaxSteps, 1f, 2f, count: 10 + CudaQueue.MaxSteps);
        Assert.That(_queue.Replays, Is.EqualTo(1), "the last is remembered");
        await SumAsync(0, 1f, 2f, count: 10);
        await SumAsync(0, 1f, 2f, count: 10);
        Assert.That((_queue.Recordings, _queue.Replays), Is.EqualTo((recordings + 1, 1)), "the first was let go, and is recorded anew");
    }

    [Test]
    public async Task A_replay_allocates_nothing()
    {
        float[] values = Filled(1f, Count), result = new float[Count];
        for (int i = 0; i < 5; i++) await ReplayAsync();
        // Of a few tries the one that the runtime's own threads took no part in. Where the device is still busy, the completion goes through its waiter, which may allocate.
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Replay();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            await _queue.CompleteAsync();
        }
        Assert.That(least, Is.Zero);

        async Task ReplayAsync()
        {
            Replay();
            await _queue.CompleteAsync();
        }

        void Replay()
        {
            _queue.BeginStep(1);
            _queue.Write<float>(values, _x);
            _queue.Write<float>(values, _y);
            _queue.Residual(_x, _y, Count);
            _queue.GatedActivation(_x, _y, _z, Count);
            _queue.Read<float>(_z, result);
            _queue.EndStep();
        }
    }

    private async Task<float[]> SumAsync(long shape, float x, float y, int count = Count)
    {
        float[] result = new float[count];
        _queue.BeginStep(shape);
        Call(x, y, count, result);
        _queue.EndStep();
        await _queue.CompleteAsync();
        return result;
    }

    private void Call(float x, float y, int count, float[] result)
    {
        _queue.Write<float>(Filled(x, count), _x);
        _queue.Write<float>(Filled(y, count), _y);
        _queue.Residual(_x, _y, count);
        _queue.Read<float>(_x, result);
    }

    private async Task<float[]> ReadAsync(DeviceBuffer buffer)
    {
        float[] values = new float[Count];
        _queue.Read<float>(buffer, values);
        await _queue.CompleteAsync();
        return values;
    }

    private static float[] Filled(float value, int count)
    {
        float[] values = new float[count];
        Array.Fill(values, value);
        return values;
    }
}
