using System.Text;

namespace Ogong.Models;

/// <summary>
/// The tokens of a tokenizer that is being read, checked for what no tokenizer may have: an id or a spelling twice, an id or a length out of
/// bounds. Everything it throws is a <see cref="ModelFormatException"/>.
/// </summary>
internal sealed class BpeVocabulary(string file)
{
    private readonly Dictionary<int, string> _spellings = [];
    private readonly Dictionary<(int Left, int Right), (uint Rank, int Token)> _merges = [];
    private readonly Joints _joints = new();
    private readonly HashSet<int> _special = [];
    private readonly List<AddedToken> _raw = [];
    private readonly List<AddedToken> _normalized = [];
    private readonly Dictionary<int, string> _added = [];
    private int _addedLength;
    private int _count;

    /// <summary>The tokens that texts are spelt with, by spelling.</summary>
    public Dictionary<string, int> Tokens { get; } = new(StringComparer.Ordinal);

    /// <summary>The merges added.</summary>
    public RankedMerges Merges => new(_merges, _joints);

    public ModelFormatException Refuse(string what) => new(file, what);

    /// <summary>The token of a spelling, or −1.</summary>
    public int Find(string spelling) => Tokens.GetValueOrDefault(spelling, -1);

    /// <summary>Whether an id has a token.</summary>
    public bool Has(int id) => _spellings.ContainsKey(id);

    /// <summary>Adds a token that texts are spelt with.</summary>
    public void Add(string spelling, int id)
    {
        Claim(spelling, id);
        if (!Tokens.TryAdd(spelling, id)) throw Refuse($"The token {Quote(spelling)} has two ids, {Tokens[spelling]} and {id}.");
    }

    /// <summary>Gives an id a spelling that has no part in encoding, or only as an added token.</summary>
    public void Claim(string spelling, int id)
    {
        if (id is < 0 or >= TokenizerLimits.Tokens) throw Refuse($"The id {id} of {Quote(spelling)} is outside [0, {TokenizerLimits.Tokens}).");
        if (spelling.Length > TokenizerLimits.TokenLength) throw Refuse($"The token {Quote(spelling)} is longer than {TokenizerLimits.TokenLength} characters.");
        if (!_spellings.TryAdd(id, spelling)) throw Refuse($"The id {id} belongs to two tokens, {Quote(_spellings[id])} and {Quote(spelling)}.");
        _count = Math.Max(_count, id + 1);
    }

    /// <summary>
    /// Makes a token an added one. If texts are also spelt with it, its id must be the same: which of two counts would be left to the reader.
    /// </summary>
    /// <param name="token">The token, and what is matched.</param>
    /// <param name="spelling">How the vocabulary spells it.</param>
    /// <param name="special">Whether it has no text when decoded.</param>
    /// <param name="normalized">Whether it is matched in normalised text.</param>
    public void AddWhole(AddedToken token, string spelling, bool special, bool normalized)
    {
        if (spelling.Length == 0) throw Refuse($"The added token {token.Id} is empty.");
        if (spelling.Length > AddedTokens.MaxLength) throw Refuse($"The added token {Quote(spelling)} is longer than {AddedTokens.MaxLength} characters.");
        _addedLength += spelling.Length;
        if (_addedLength > AddedTokens.MaxTotalLength) throw Refuse($"The added tokens have more than {AddedTokens.MaxTotalLength} characters.");
        if (Tokens.TryGetValue(spelling, out int id) && id != token.Id)
            throw Refuse($"The added token {Quote(spelling)} has two ids, {id} and {token.Id}.");
        if (!_spellings.TryGetValue(token.Id, out string? there)) Claim(spelling, token.Id);
        else if (there != spelling) throw Refuse($"The id {token.Id} belongs to two tokens, {Quote(there)} and {Quote(spelling)}.");
        if (!_added.TryAdd(token.Id, token.Content)) throw Refuse($"The added token {Quote(spelling)} is stated twice.");
        if (special) _special.Add(token.Id);
        if (normalized) _normalized.Add(token);
        else _raw.Add(token);
    }

    /// <summary>
    /// Adds the next merge. Both sides and the result are tokens, and no side is empty, so a merge makes a longer token and no chain of
    /// them comes back to where it began.
    /// </summary>
    public void AddMerge(string left, string right)
    {
        if (_merges.Count == TokenizerLimits.Merges) throw Refuse($"There are more than {TokenizerLimits.Merges} merges.");
        if (left.Length == 0 || right.Length == 0) throw Refuse($"Merge {_merges.Count} has an empty side.");
        int leftId = Required(left), rightId = Required(right), joined = Required(left + right);
        if (!_merges.TryAdd((leftId, rightId), ((uint)_merges.Count, joined)))
            throw Refuse($"The merge of {Quote(left)} and {Quote(right)} is stated twice.");
        _joints.Add(left[^1], right[0]);
    }

    /// <summary>Adds the next merge, two tokens with a space between.</summary>
    public void AddMerge(string pair)
    {
        int space = pair.Length < 2 ? -1 : pair.IndexOf(' ', 1); // a token may begin with a space, hardly contain one
        if (space < 0) throw Refuse($"Merge {_merges.Count}, {Quote(pair)}, is not two tokens with a space between.");
        AddMerge(pair[..space], pair[(space + 1)..]);
    }

    /// <summary>The matchers of added tokens: of those in the text as it is, and of those in what <paramref name="normalize"/> made of it.</summary>
    public (AddedTokens Raw, AddedTokens Normalized) Matchers(Func<string, string> normalize)
    {
        IEnumerable<AddedToken> normalized = _normalized.Select(token => token with { Content = normalize(token.Content) });
        return (new AddedTokens(_raw), new AddedTokens(normalized));
    }

    /// <summary>What each token stands for: added tokens their spelling, others what <paramref name="decode"/> makes of it.</summary>
    public TokenTexts Texts(Func<string, byte[]> decode)
    {
        var texts = new TokenTexts.Builder(_count);
        for (int id = 0; id < _count; id++)
        {
            if (_special.Contains(id)) texts.AddSpecial();
            else if (_added.TryGetValue(id, out string? content)) texts.Add(Encoding.UTF8.GetBytes(content));
            else texts.Add(_spellings.TryGetValue(id, out string? spelling) ? decode(spelling) : []);
        }
        return texts.Build();
    }

    private int Required(string spelling)
        => Tokens.TryGetValue(spelling, out int id) ? id : throw Refuse($"Merge {_merges.Count} names {Quote(spelling)}, which is no token.");

    private static string Quote(string text) => ModelFormatException.Quote(text);
}
