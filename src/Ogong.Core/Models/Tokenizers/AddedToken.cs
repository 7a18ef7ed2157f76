namespace Ogong.Models;

/// <summary>A token that is matched whole, before anything else happens to a text.</summary>
/// <param name="Id">The token.</param>
/// <param name="Content">How it is spelt, not empty.</param>
/// <param name="TakesLeft">Whether white space before it belongs to it.</param>
/// <param name="TakesRight">Whether white space after it belongs to it.</param>
internal sealed record AddedToken(int Id, string Content, bool TakesLeft = false, bool TakesRight = false);
