namespace Ogong.Models;

/// <summary>A binary heap of integers, least first: eight bytes an entry, where a <see cref="PriorityQueue{TElement, TPriority}"/> takes sixteen or more.</summary>
internal sealed class KeyHeap
{
    private ulong[] _keys = new ulong[64];
    private int _count;

    /// <summary>Adds a key; one may be there several times.</summary>
    public void Add(ulong key)
    {
        if (_count == _keys.Length) Array.Resize(ref _keys, checked(2 * _count));
        int at = _count++;
        while (at > 0 && _keys[(at - 1) / 2] is var parent && parent > key)
        {
            _keys[at] = parent;
            at = (at - 1) / 2;
        }
        _keys[at] = key;
    }

    /// <summary>Takes the least key out, if there is one.</summary>
    public bool TryTake(out ulong key)
    {
        key = _keys[0];
        if (_count == 0) return false;
        ulong last = _keys[--_count];
        int at = 0;
        for (int child = 1; child < _count; child = (2 * at) + 1)
        {
            if (child + 1 < _count && _keys[child + 1] < _keys[child]) child++;
            if (last <= _keys[child]) break;
            _keys[at] = _keys[child];
            at = child;
        }
        _keys[at] = last;
        return true;
    }
}
