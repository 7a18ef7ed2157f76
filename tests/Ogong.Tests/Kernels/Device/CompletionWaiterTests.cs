using NUnit.Framework;
using Ogong.Kernels.Device;

namespace Ogong.Tests.Kernels.Device;

/// <summary>A wait ends once: by the device, by its failure, or by cancellation; and another may follow.</summary>
internal sealed class CompletionWaiterTests
{
    private readonly SemaphoreSlim _device = new(0);
    private readonly SemaphoreSlim _entered = new(0);
    private Exception? _failure;
    private int _finished, _abandoned;

    [OneTimeTearDown]
    public void Release()
    {
        _device.Dispose();
        _entered.Dispose();
    }

    [Test]
    public async Task Completes_when_the_device_is_done_and_again()
    {
        using CompletionWaiter waiter = Create();
        for (int i = 1; i <= 3; i++)
        {
            ValueTask wait = waiter.WaitAsync(default);
            Assert.That(wait.IsCompleted, Is.False);
            _device.Release();
            await wait;
            Assert.That((_finished, _abandoned), Is.EqualTo((i, 0)));
        }
    }

    [Test]
    public async Task A_device_that_fails_ends_the_wait_with_its_exception()
    {
        using CompletionWaiter waiter = Create();
        _failure = new InvalidOperationException("lost");
        _device.Release();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await waiter.WaitAsync(default));
        Assert.That((_finished, _abandoned), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task A_cancelled_wait_ends_at_once_and_the_next_waits_for_both()
    {
        using CompletionWaiter waiter = Create();
        using var cancellation = new CancellationTokenSource();
        ValueTask first = waiter.WaitAsync(cancellation.Token);
        await _entered.WaitAsync();
        cancellation.Cancel();
        await Assert.CatchAsync<OperationCanceledException>(async () => await first);
        ValueTask second = waiter.WaitAsync(default);
        _device.Release();
        await Task.Delay(20);
        Assert.That(second.IsCompleted, Is.False, "what the device did first was the first wait's");
        _device.Release();
        await second;
        Assert.That((_finished, _abandoned), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task A_cancellation_after_the_end_does_not_reach_the_next_wait()
    {
        using CompletionWaiter waiter = Create();
        using var cancellation = new CancellationTokenSource();
        ValueTask first = waiter.WaitAsync(cancellation.Token);
        _device.Release();
        await first;
        ValueTask second = waiter.WaitAsync(default);
        cancellation.Cancel();
        Assert.That(second.IsCompleted, Is.False);
        _device.Release();
        await second;
    }

    private CompletionWaiter Create()
    {
        (_failure, _finished, _abandoned) = (null, 0, 0);
        while (_entered.Wait(0)) ;
        return new CompletionWaiter(WaitForDevice, () => _finished++, () => _abandoned++);
    }

    private void WaitForDevice()
    {
        _entered.Release();
        _device.Wait();
        if (_failure is { } failure) throw failure;
    }
}
