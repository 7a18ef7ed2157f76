using Ogong.Audit;
using Ogong.Diffusion;

namespace Ogong.Cli.Demo;

/// <summary>One run of the diffusion demo and what came of it.</summary>
/// <param name="Name">What was done, in a few words; also the picture's file name.</param>
/// <param name="Reply">What the consumer received.</param>
/// <param name="Verdict">What an audit said.</param>
internal sealed record DiffusionCase(string Name, TrajectoryReply Reply, Verdict Verdict);
