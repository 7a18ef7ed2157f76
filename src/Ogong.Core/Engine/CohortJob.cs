using Ogong.Cohorts;

namespace Ogong.Engine;

/// <summary>What providers are asked for, whatever they compute.</summary>
/// <param name="Network">Network of the order.</param>
/// <param name="Layers">Layers of the model, L.</param>
/// <param name="Terms">Model, profile, versions and the work of every layer range.</param>
internal sealed record CohortJob(string Network, int Layers, JobTerms Terms);
