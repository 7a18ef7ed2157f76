namespace Ogong.Compute;

/// <summary>What ran a computation, as reported with every result.</summary>
/// <param name="Name">The name a user chooses it by: <c>cpu</c>, <c>reference</c>.</param>
/// <param name="Detail">Human-readable: vector width, threads, driver, device model.</param>
/// <param name="KernelHash">Identifies the kernels that ran: a hash of their sources, options and compiler, or the assembly version for managed ones.</param>
public sealed record DeviceDescription(string Name, string Detail, string KernelHash);
