namespace Ogong.Native.Nvrtc;

/// <summary>A call of NVRTC failed; for a compilation, with the compiler's log.</summary>
public sealed class NvrtcException : Exception
{
    internal NvrtcException(string call, int code, string name, string log)
        : base($"{call} failed: {name} ({code}){(log.Length > 0 ? ":\n" + log : "")}")
    {
        (Call, Code, Name, Log) = (call, code, name, log);
    }

    /// <summary>The function that failed, as nvrtc.h names it.</summary>
    public string Call { get; }

    /// <summary>The nvrtcResult it returned.</summary>
    public int Code { get; }

    /// <summary>That code's name, such as NVRTC_ERROR_COMPILATION.</summary>
    public string Name { get; }

    /// <summary>The compiler's errors and warnings, with file and line; empty if it wrote none.</summary>
    public string Log { get; }
}
