using System.Runtime.CompilerServices;

namespace Ogong.Kernels.Cuda;

/// <summary>
/// The kernels one queue has used, found without hashing or comparing text: names are literals, so the same call has the same references. Not thread-safe.
/// </summary>
internal sealed class KernelSlots
{
    private readonly Dictionary<int, List<Slot>> _slots = [];

    public CudaKernel? Find(string file, string entry, ReadOnlySpan<(string Name, int Value)> definitions)
    {
        if (!_slots.TryGetValue(HashOf(file, entry, definitions), out List<Slot>? slots)) return null;
        foreach (Slot slot in slots)
            if (ReferenceEquals(slot.File, file) && ReferenceEquals(slot.Entry, entry) && Same(slot.Definitions, definitions)) return slot.Kernel;
        return null;
    }

    public CudaKernel Add(string file, string entry, ReadOnlySpan<(string Name, int Value)> definitions, CudaKernel kernel)
    {
        int hash = HashOf(file, entry, definitions);
        if (!_slots.TryGetValue(hash, out List<Slot>? slots)) _slots.Add(hash, slots = []);
        slots.Add(new Slot(file, entry, definitions.ToArray(), kernel));
        return kernel;
    }

    private static int HashOf(string file, string entry, ReadOnlySpan<(string Name, int Value)> definitions)
    {
        int hash = HashCode.Combine(RuntimeHelpers.GetHashCode(file), RuntimeHelpers.GetHashCode(entry));
        foreach ((_, int value) in definitions) hash = HashCode.Combine(hash, value);
        return hash;
    }

    private static bool Same((string Name, int Value)[] a, ReadOnlySpan<(string Name, int Value)> b)
    {
        if (a.Length != b.Length) return false;
        for (int i = 0; i < a.Length; i++)
            if (a[i].Value != b[i].Value || !ReferenceEquals(a[i].Name, b[i].Name)) return false;
        return true;
    }

    private sealed record Slot(string File, string Entry, (string Name, int Value)[] Definitions, CudaKernel Kernel);
}
