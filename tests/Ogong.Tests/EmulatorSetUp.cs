using NUnit.Framework;
using Ogong.Tests.Emulator;

namespace Ogong.Tests;

/// <summary>Before any test: a library is bound once per process, so the emulated driver must be chosen before somebody asks for devices.</summary>
[SetUpFixture]
internal sealed class EmulatorSetUp
{
    [OneTimeSetUp]
    public void Prepare() => EmulatedCuda.Prepare();
}
