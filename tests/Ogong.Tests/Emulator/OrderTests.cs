using NUnit.Framework;
using Ogong.Native.Cuda;

namespace Ogong.Tests.Emulator;

/// <summary>Streams do their work late and in order, so that a program that does not wait for it sees that; recorded work keeps its arguments.</summary>
[TestFixture]
internal sealed class OrderTests
{
    private const int Count = 64, Bytes = 4 * Count, InvalidatedCapture = 901, UnsupportedInCapture = 900;

    private const string Kernels = """
        extern "C" __global__ void plus(Args p) { p.y[threadIdx.x] = add(p.x[threadIdx.x], (float)p.n); }
        """;

    private EmulatedProgram _program = null!;
    private CudaStream _other = null!;
    private DeviceMemory _x = null!, _y = null!;
    private PinnedMemory _host = null!;

    private Span<float> Host => _host.AsSpan<float>();

    [SetUp]
    public void Create()
    {
        _program = new EmulatedProgram(Kernels, EmulatedCuda.Device.Order);
        _other = _program.Context.CreateStream();
        (_x, _y) = (_program.Context.Allocate(Bytes), _program.Context.Allocate(Bytes));
        _host = _program.Context.AllocatePinned(Bytes);
        _program.Stream.Fill(_x, 0u);
        _program.Stream.Fill(_y, 0u);
        _program.Stream.Synchronize();
    }

    [TearDown]
    public void Release()
    {
        _host?.Dispose();
        _x?.Dispose();
        _y?.Dispose();
        _other?.Dispose();
        _program?.Dispose();
    }

    [Test]
    public void What_is_not_waited_for_is_not_there()
    {
        Host.Fill(-1);
        _program.Launch("plus", 1, Count, _x, _y, 3);
        _program.Stream.CopyToHost(_host, _y);
        Assert.That(Host.ToArray(), Is.All.EqualTo(-1f));
        _program.Stream.Synchronize();
        Assert.That(Host.ToArray(), Is.All.EqualTo(3f));
    }

    [Test]
    public void A_copy_reads_pinned_memory_when_its_turn_comes_and_other_memory_at_once()
    {
        Host.Fill(1);
        _program.Stream.CopyToDevice(_x, _host);
        Host.Fill(2);
        Assert.That(_program.Download<float>(_x, Count), Is.All.EqualTo(2f));
        float[] source = [.. Enumerable.Repeat(5f, Count)];
        _program.Stream.Write<float>(_x, source);
        Array.Fill(source, 6f);
        Assert.That(_program.Download<float>(_x, Count), Is.All.EqualTo(5f));
    }

    [Test]
    public void Another_stream_sees_work_only_where_it_waited_for_its_event([Values] bool waits)
    {
        using CudaEvent done = _program.Context.CreateEvent();
        _program.Launch("plus", 1, Count, _x, _y, 3);
        done.Record(_program.Stream);
        if (waits) _other.Wait(done);
        _other.CopyToHost(_host, _y);
        _other.Synchronize();
        Assert.That(Host.ToArray(), Is.All.EqualTo(waits ? 3f : 0f));
    }

    [Test]
    public void Whoever_polls_gets_on_and_sees_that_it_was_not_ready()
    {
        using CudaEvent start = _program.Context.CreateEvent(timing: true), end = _program.Context.CreateEvent(timing: true);
        start.Record(_program.Stream);
        _program.Launch("plus", 1, Count, _x, _y, 3);
        end.Record(_program.Stream);
        Assert.That(end.Query(), Is.False);
        Assert.That(start.Query(), Is.True);
        Assert.That(() => end.MillisecondsSince(start), Throws.TypeOf<CudaException>(), "not yet");
        Assert.That(end.Query() || end.Query(), Is.True);
        Assert.That(end.MillisecondsSince(start), Is.Positive);
        Assert.That(_program.Stream.Query(), Is.True);
    }

    [Test]
    public void A_graph_repeats_its_launches_on_what_memory_holds_by_then()
    {
        _program.Stream.BeginCapture();
        _program.Stream.CopyToDevice(_x, _host);
        for (int n = 1; n <= 3; n++) _program.Launch("plus", 1, Count, n == 1 ? _x : _y, _y, n);
        using CudaGraph graph = _program.Stream.EndCapture();
        using CudaGraphExec recorded = graph.Instantiate();
        Assert.That(_program.Download<float>(_y, Count), Is.All.Zero, "recording runs nothing");
        for (int turn = 0; turn < 3; turn++)
        {
            Host.Fill(10 * turn);
            recorded.Launch(_program.Stream);
            Assert.That(_program.Download<float>(_y, Count), Is.All.EqualTo((10f * turn) + 6));
        }
    }

    [Test]
    public void What_cannot_be_recorded_ends_the_recording()
    {
        _program.Stream.BeginCapture();
        Assert.That(Assert.Throws<CudaException>(_program.Stream.Synchronize)!.Code, Is.EqualTo(UnsupportedInCapture));
        Assert.That(Assert.Throws<CudaException>(() => _program.Stream.EndCapture())!.Code, Is.EqualTo(InvalidatedCapture));
        _program.Launch("plus", 1, Count, _x, _y, 4);
        Assert.That(_program.Download<float>(_y, Count), Is.All.EqualTo(4f), "and the stream goes on");
    }

    [Test]
    public void Memory_of_a_pool_is_there_from_its_allocation_to_its_freeing_in_the_streams_order()
    {
        using CudaMemoryPool pool = _program.Context.CreateMemoryPool();
        DeviceMemory memory = pool.AllocateAsync(Bytes, _program.Stream);
        _program.Launch("plus", 1, Count, _x, memory, 8);
        _program.Launch("plus", 1, Count, memory, _y, 1);
        Assert.That(pool.UsedBytes, Is.EqualTo(Bytes));
        memory.Dispose();
        Assert.That(_program.Download<float>(_y, Count), Is.All.EqualTo(9f));
        Assert.That((pool.UsedBytes, pool.UsedBytesHigh), Is.EqualTo((0L, (long)Bytes)));
    }

    [Test]
    public void Another_stream_may_not_use_a_pools_memory_before_it_is_made()
    {
        using CudaMemoryPool pool = _program.Context.CreateMemoryPool();
        using DeviceMemory memory = pool.AllocateAsync(Bytes, _program.Stream);
        _program.Launch("plus", 1, Count, _x, memory, 8, stream: _other);
        Assert.Throws<CudaException>(_other.Synchronize);
        Assert.That(EmulatedCuda.LastReport, Does.Contain("before its stream made it"));
    }
}
