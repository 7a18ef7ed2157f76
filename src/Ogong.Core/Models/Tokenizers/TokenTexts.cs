namespace Ogong.Models;

/// <summary>The bytes each token stands for, in one array; special tokens have none.</summary>
internal sealed class TokenTexts
{
    private readonly byte[] _bytes;
    private readonly int[] _ends;
    private readonly bool[] _special;

    private TokenTexts(byte[] bytes, int[] ends, bool[] special) => (_bytes, _ends, _special) = (bytes, ends, special);

    /// <summary>Every id is below this.</summary>
    public int Count => _ends.Length;

    public bool IsSpecial(int token) => _special[token];

    public ReadOnlySpan<byte> Of(int token) => _bytes.AsSpan((token == 0 ? 0 : _ends[token - 1]).._ends[token]);

    /// <summary>Collects the texts in order of the ids.</summary>
    internal sealed class Builder(int capacity)
    {
        private readonly MemoryStream _bytes = new();
        private readonly List<int> _ends = new(capacity);
        private readonly List<bool> _special = new(capacity);

        public void Add(ReadOnlySpan<byte> bytes)
        {
            _bytes.Write(bytes);
            _ends.Add((int)_bytes.Length);
            _special.Add(false);
        }

        public void AddSpecial()
        {
            _ends.Add((int)_bytes.Length);
            _special.Add(true);
        }

        public TokenTexts Build() => new(_bytes.ToArray(), [.. _ends], [.. _special]);
    }
}
