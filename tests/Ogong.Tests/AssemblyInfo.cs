using NUnit.Framework;

// Fixtures run side by side on two workers, the tests of one fixture in order: enough to fill a small machine without
// starving the tests that start threads of their own.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
