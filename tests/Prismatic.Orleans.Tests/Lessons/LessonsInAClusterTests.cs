using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Prismatic.Lessons;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class LessonsInAClusterTests
{
    [Fact]
    public async Task A_crash_and_its_outcome_told_to_a_silo_are_a_lesson_that_a_client_can_read()
    {
        var storage = new Storage();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.Services
            .AddSingleton<IAttributeToFactoryMapper<SupervisedStateAttribute>>(new MemoryStateMapper(storage))
            .AddSingleton(new LessonKey(null))
            .AddSingleton(new LessonTrials(Allowed: true))
            .AddSingleton(TimeProvider.System));
        await using var cluster = builder.Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);
        var lessons = cluster.Client.GetGrain<ILessonsLearnedGrain>(ILessonsLearnedGrain.Key);

        await lessons.Capture([Crashes.Report(1), Crashes.Report(2), Crashes.Report(3, group: "g2")], ["silo-1-3"]);
        await lessons.RecordOutcomes([Crashes.Outcome(seconds: 2)]);

        var page = await lessons.List(new LessonQuery());
        var figures = await lessons.GetStatistics();
        Assert.Equal(["g2", "g1"], page.Items.Select(lesson => lesson.Id).Order().Reverse());
        Assert.Equal(2, (await lessons.Get("g1"))!.Crashes);
        Assert.Equal((2, 3, 2.0), (figures.TotalLessons, figures.TotalCrashes, figures.MeanTimeToRecoverySeconds));
    }

    private sealed class MemoryStateMapper(Storage storage) : IAttributeToFactoryMapper<SupervisedStateAttribute>
    {
        public Factory<IGrainContext, object> GetFactory(ParameterInfo parameter, SupervisedStateAttribute metadata)
        {
            var state = typeof(MemoryState<>).MakeGenericType(parameter.ParameterType.GetGenericArguments());
            return context => Activator.CreateInstance(state, storage, metadata.Name, context.GrainId.Key.ToString())!;
        }
    }
}
