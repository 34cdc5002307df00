using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Tests.Lessons;

/// <summary>The lessons' grains over one storage, without a cluster. <see cref="Restart"/> is the loss of every activation.</summary>
internal sealed class FakeLessons
{
    private readonly Dictionary<(Type, string), object> _activations = [];
    private readonly IGrainFactory _grains;

    public FakeLessons()
    {
        _grains = DispatchProxy.Create<IGrainFactory, GrainFactoryProxy>();
        ((GrainFactoryProxy)_grains).Find = Activation;
    }

    public Storage Storage { get; } = new();

    public FakeTimeProvider Time { get; } = new(Crashes.Noon);

    public byte[]? Key { get; set; } = Encoding.UTF8.GetBytes("a key that two clusters have, both of them");

    public FakeRegistry Registry { get; } = (FakeRegistry)DispatchProxy.Create<IRemediationRegistryGrain, FakeRegistry>();

    public LessonsLearnedGrain Lessons => (LessonsLearnedGrain)Activation(typeof(ILessonsLearnedGrain), ILessonsLearnedGrain.Key);

    public void Restart()
    {
        _activations.Clear();
        Storage.Writing = _ => { };
    }

    /// <summary>The write of <paramref name="state"/> fails; with it everything that waits for it.</summary>
    public void FailWritesOf(string state) => Storage.Writing = name =>
    {
        if (name == state)
        {
            throw new IOException($"The write of {state} fails.");
        }
    };

    public async Task<List<Lesson>> ListAll(int limit = 50, string? text = null)
    {
        var all = new List<Lesson>();
        string? cursor = null;
        do
        {
            var page = await Lessons.List(new LessonQuery { Limit = limit, Cursor = cursor, Text = text });
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return all;
    }

    private object Activation(Type type, string key)
    {
        if (_activations.TryGetValue((type, key), out var known))
        {
            return known;
        }

        object made = type switch
        {
            _ when type == typeof(ILessonsLearnedGrain) => new LessonsLearnedGrain(
                new MemoryState<LessonTotals>(Storage, "lessons-totals", key), _grains, new LessonTrials(Allowed: true), new LessonKey(Key), Time, NullLogger<LessonsLearnedGrain>.Instance),
            _ when type == typeof(ILessonGrain) => new LessonGrain(new MemoryState<LessonRecord>(Storage, "lesson", key), _grains, Time),
            _ when type == typeof(ILessonAuditPageGrain) => new LessonAuditPageGrain(new MemoryState<LessonAuditPageRecord>(Storage, "lesson-audit", key)),
            _ when type == typeof(IGroupBucketGrain) => new GroupBucketGrain(new MemoryState<GroupBucketRecord>(Storage, "group-bucket", key)),
            _ when type == typeof(ILessonPageGrain) => new LessonPageGrain(new MemoryState<LessonPageRecord>(Storage, "lessons-page", key)),
            _ => Registry,
        };
        _activations[(type, key)] = made;
        if (made is LessonsLearnedGrain entrance)
        {
            // All states are in memory: the task is complete.
            entrance.OnActivateAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        return made;
    }
}

/// <summary>Finds grains by interface and string key; nothing else is asked of a factory here.</summary>
public class GrainFactoryProxy : DispatchProxy
{
    public Func<Type, string, object> Find { get; set; } = (type, key) => throw new InvalidOperationException($"No {type} {key}.");

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod is { Name: nameof(IGrainFactory.GetGrain), IsGenericMethod: true } && args![0] is string key
            ? Find(targetMethod.GetGenericArguments()[0], key)
            : throw new InvalidOperationException($"{targetMethod} is not expected.");
}

/// <summary>A registry that only takes rules. It is made by a proxy, so that Orleans finds no second registry in this assembly.</summary>
public class FakeRegistry : DispatchProxy
{
    public List<RemediationRule> Rules { get; } = [];

    public Exception? Refusal { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (Refusal is not null)
        {
            return Task.FromException<RuleReceipt>(Refusal);
        }

        if (targetMethod!.Name == nameof(IRemediationRegistryGrain.Remove))
        {
            return Task.FromResult(Rules.RemoveAll(rule => rule.Id == (string)args![0]!) > 0);
        }

        var added = (RemediationRule)args![0]!;
        Rules.RemoveAll(rule => rule.Id == added.Id);
        Rules.Add(added);
        return Task.FromResult(new RuleReceipt { Version = Rules.Count });
    }
}
