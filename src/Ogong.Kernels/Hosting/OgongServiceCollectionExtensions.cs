using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Ogong.Compute;

namespace Ogong.Kernels.Hosting;

/// <summary>Registration with <c>Microsoft.Extensions.DependencyInjection</c>.</summary>
public static class OgongServiceCollectionExtensions
{
    /// <summary>
    /// Registers an <see cref="IBackend"/> and an <see cref="OgongService"/>, both singletons owned by the container. Nothing is opened or loaded before they are used.
    /// If the container has logging, the engine's activities are logged at debug level under <c>Ogong</c>.
    /// </summary>
    public static IServiceCollection AddOgong(this IServiceCollection services, Action<OgongOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new OgongOptions();
        configure(options);
        services.TryAddSingleton(_ => Backends.TryCreate(options.Device, out IBackend? backend, out string? reason, options.Threads)
            ? backend
            : throw new NotSupportedException(reason));
        services.TryAddSingleton(provider => new OgongService(
            options, provider.GetRequiredService<IBackend>(), provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance));
        return services;
    }
}
