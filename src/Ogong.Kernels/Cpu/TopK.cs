namespace Ogong.Kernels.Cpu;

/// <summary>
/// The first <c>capacity</c> elements by (value descending, id ascending), as a heap with the last of them on top. Offer ids in ascending
/// order, or with <see cref="Offer"/> in any.
/// </summary>
internal unsafe struct TopK(float* values, int* ids, int capacity)
{
    private readonly float* _values = values;
    private readonly int* _ids = ids;
    private readonly int _capacity = capacity;

    /// <summary>Elements held.</summary>
    public int Count { get; private set; }

    /// <summary>Offers a run of values with consecutive ids that follow all ids offered before.</summary>
    public void Scan<S, V>(float* run, int count, int firstId) where S : struct, ISimd<V> where V : unmanaged
    {
        int i = 0;
        for (; i < count && Count < _capacity; i++) Offer(run[i], firstId + i);
        for (; i <= count - S.Count; i += S.Count)
        {
            // Later ids only enter with a larger value.
            uint larger = S.SignBits(S.LessThan(S.Broadcast(_values[0]), S.Load(run + i)));
            for (; larger != 0; larger &= larger - 1)
            {
                int lane = System.Numerics.BitOperations.TrailingZeroCount(larger);
                Offer(run[i + lane], firstId + i + lane);
            }
        }
        for (; i < count; i++) Offer(run[i], firstId + i);
    }

    /// <summary>Takes an element in if it is among the first.</summary>
    public void Offer(float value, int id)
    {
        if (Count < _capacity)
        {
            int child = Count++;
            for (int parent; child > 0 && Precedes(_values[parent = (child - 1) / 2], _ids[parent], value, id); child = parent)
                (_values[child], _ids[child]) = (_values[parent], _ids[parent]);
            (_values[child], _ids[child]) = (value, id);
        }
        else if (Precedes(value, id, _values[0], _ids[0]))
        {
            Sink(value, id, Count);
        }
    }

    /// <summary>Puts the elements in order, first one first; nothing may be offered afterwards.</summary>
    public readonly void Sort()
    {
        for (int end = Count - 1; end > 0; end--)
        {
            (float value, int id) = (_values[end], _ids[end]);
            (_values[end], _ids[end]) = (_values[0], _ids[0]);
            Sink(value, id, end);
        }
    }

    private static bool Precedes(float value, int id, float otherValue, int otherId) =>
        value > otherValue || (value == otherValue && id < otherId);

    /// <summary>Replaces the top of a heap of so many elements.</summary>
    private readonly void Sink(float value, int id, int count)
    {
        int parent = 0;
        for (int child; (child = (2 * parent) + 1) < count; parent = child)
        {
            if (child + 1 < count && Precedes(_values[child], _ids[child], _values[child + 1], _ids[child + 1])) child++;
            if (!Precedes(value, id, _values[child], _ids[child])) break;
            (_values[parent], _ids[parent]) = (_values[child], _ids[child]);
        }
        (_values[parent], _ids[parent]) = (value, id);
    }
}
