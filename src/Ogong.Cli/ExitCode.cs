namespace Ogong.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Done; for a check, Accept.</summary>
    public const int Ok = 0;

    /// <summary>A check ended in Reject.</summary>
    public const int Reject = 1;

    /// <summary>The command line, or a file it names, cannot be used.</summary>
    public const int BadInput = 2;

    /// <summary>A defect of this program.</summary>
    public const int Internal = 3;

    /// <summary>Interrupted by the user.</summary>
    public const int Cancelled = 130;
}
