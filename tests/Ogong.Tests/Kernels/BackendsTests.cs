using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels;

namespace Ogong.Tests.Kernels;

public sealed class BackendsTests
{
    [TestCase("cpu")]
    [TestCase("reference")]
    public void CreatesABackendByItsName(string name)
    {
        Assert.That(Backends.TryCreate(name, out IBackend? backend, out string? reason, threads: 1), Is.True, reason);
        using (backend) Assert.That(backend!.Device.Name, Is.EqualTo(name));
    }

    [TestCase("cuda:4096", "CUDA")]
    [TestCase("cuda:one", "'cuda:one'")]
    [TestCase("opencl:4096", "OpenCL")]
    [TestCase("abacus", "'abacus'")]
    public void SaysWhyThereIsNone(string name, string expected)
    {
        Assert.That(Backends.TryCreate(name, out IBackend? backend, out string? reason), Is.False);
        Assert.That(backend, Is.Null);
        Assert.That(reason, Does.Contain(expected));
    }

    [Test]
    public void ProbesEveryName()
    {
        IReadOnlyList<BackendProbe> probes = Backends.Probe();
        Assert.That(probes.Select(probe => probe.Name), Is.EqualTo(Backends.Names));
        Assert.That(probes.Where(probe => probe.IsUsable).Select(probe => probe.Name), Is.SupersetOf(new[] { "cpu", "reference" }));
        Assert.That(probes.Where(probe => !probe.IsUsable).Select(probe => probe.Reason), Is.All.Not.Empty);
    }
}
