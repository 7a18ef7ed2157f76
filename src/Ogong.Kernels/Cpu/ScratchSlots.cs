namespace Ogong.Kernels.Cpu;

/// <summary>One piece of scratch memory per thread, claimed by a task while it runs. Needs slots · (slotBytes + 64) bytes.</summary>
internal readonly unsafe struct ScratchSlots
{
    private const int Line = 64;
    private readonly byte* _memory;
    private readonly long _slotBytes;
    private readonly int _slots;

    public ScratchSlots(byte* memory, long slotBytes, int slots)
    {
        _memory = memory;
        _slotBytes = slotBytes;
        _slots = slots;
        for (int slot = 0; slot < slots; slot++) *Claimed(slot) = 0;
    }

    /// <summary>Claims a slot. There is one for every thread that can run a task, so a round finds one soon.</summary>
    public byte* Claim(out int slot)
    {
        for (slot = 0; Interlocked.CompareExchange(ref *Claimed(slot), 1, 0) != 0; slot = (slot + 1) % _slots)
        {
        }
        return _memory + ((long)_slots * Line) + (slot * _slotBytes);
    }

    public void Release(int slot) => Volatile.Write(ref *Claimed(slot), 0);

    private int* Claimed(int slot) => (int*)(_memory + ((long)slot * Line));
}
