namespace Ogong.Kernels.Cuda;

/// <summary>Device memory of a backend, in bytes.</summary>
/// <param name="Used">Held by buffers, weights, caches and queues now.</param>
/// <param name="HighWater">The most they ever held at once.</param>
/// <param name="Reserved">What the backend's pool has from the driver, the part in no use included.</param>
/// <param name="Free">What the device has left, for every process.</param>
/// <param name="Total">What the device has.</param>
public readonly record struct CudaMemoryUse(long Used, long HighWater, long Reserved, long Free, long Total);
