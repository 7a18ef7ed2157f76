namespace Ogong.Cli.Local;

/// <summary>Calls back at once and in order, where <see cref="Progress{T}"/> posts to the thread pool.</summary>
internal sealed class CallbackProgress<T>(Action<T> callback) : IProgress<T>
{
    public void Report(T value) => callback(value);
}
