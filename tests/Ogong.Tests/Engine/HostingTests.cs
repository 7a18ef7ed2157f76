using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels.Hosting;
using Ogong.Models;

namespace Ogong.Tests.Engine;

[TestFixture]
internal sealed class HostingTests
{
    [Test]
    public async Task AContainerServesAModelAndLogsIt()
    {
        var log = new CollectingLoggerFactory();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        services.AddOgong(options => (options.ModelPath, options.Threads) = (TestModel.PathOf("kjv"), 1));
        await using ServiceProvider provider = services.BuildServiceProvider();
        OgongService service = provider.GetRequiredService<OgongService>();

        TextGenerator[] both = await Task.WhenAll(service.GetGeneratorAsync(), service.GetGeneratorAsync());
        Assert.That(both[0], Is.SameAs(both[1]));
        GenerationResult reply = await both[0].Start(new GenerationRequest { Prompt = new[] { 256, 65 }, MaxTokens = 3, EndTokens = [] }).Completion;
        Assert.That(reply.Tokens.Length, Is.EqualTo(3));
        Assert.That(provider.GetRequiredService<IBackend>(), Is.SameAs(service.Backend));
        Assert.That(log.Lines, Has.Some.Contains("kjv-0.9m"));
    }

    [Test]
    public async Task ActivitiesOfTheEngineReachTheLog()
    {
        var log = new CollectingLoggerFactory();
        using (new ActivityLogger(log.CreateLogger("Ogong")))
        {
            await using TestCohort cohort = await TestCohort.CreateAsync();
            await cohort.ReplyAsync(cohort.OrderFor(2));
        }
        Assert.That(log.Lines, Has.Some.StartsWith("ogong.reply took"));
    }

    [Test]
    public async Task ADeviceThatCannotBeUsedIsAnErrorWithItsReason()
    {
        await using ServiceProvider provider = new ServiceCollection().AddOgong(options => options.Device = "abacus").BuildServiceProvider();
        Assert.That(provider.GetRequiredService<OgongService>, Throws.InstanceOf<NotSupportedException>().With.Message.Contains("abacus"));
    }

    [Test]
    public async Task AModelThatCannotBeOpenedFailsEachCallAnew()
    {
        await using ServiceProvider provider = new ServiceCollection().AddOgong(options => options.ModelPath = Repository.Vector("golden")).BuildServiceProvider();
        OgongService service = provider.GetRequiredService<OgongService>();
        Assert.That(() => service.GetGeneratorAsync(), Throws.InstanceOf<ModelFormatException>());
        Assert.That(() => service.GetGeneratorAsync(), Throws.InstanceOf<ModelFormatException>());
    }

    private sealed class CollectingLoggerFactory : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
