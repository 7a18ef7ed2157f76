using Ogong.Records;

namespace Ogong.Engine;

/// <summary>One token of a reply.</summary>
/// <param name="Index">Index in the reply, from 0.</param>
/// <param name="Token">Token id.</param>
/// <param name="Logprob">Its log-probability under the model (natural logarithm, temperature 1), or NaN where the generator was told not to commit.</param>
/// <param name="Stop">Why the reply ends with this token, or null if it goes on.</param>
public readonly record struct GeneratedToken(int Index, int Token, float Logprob, StopReason? Stop);
