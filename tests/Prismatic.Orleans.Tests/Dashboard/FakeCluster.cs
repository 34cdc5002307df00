using System.Collections.Immutable;
using System.Reflection;
using Prismatic.Breakers;
using Prismatic.Control;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Tests.Dashboard;

/// <summary>
/// Grains that answer from properties. They are proxies, not classes: a class that implements a grain interface would become a
/// grain of every test cluster in this assembly.
/// </summary>
public sealed class FakeCluster
{
    private readonly List<(string Grain, string Method)> asked = [];

    public FakeCluster()
    {
        Factory = CallProxy.Make<IGrainFactory>((method, arguments) => GrainFor(method, arguments));
    }

    public IGrainFactory Factory { get; }

    public Func<TreeHealth> Tree { get; set; } = () => Samples.Tree();

    public ImmutableArray<Ticket> Tickets { get; set; } = [Samples.OpenTicket(), Samples.ResolvedTicket()];

    public LessonStatistics Statistics { get; set; } = new();

    public RuleTable Rules { get; set; } = new() { Version = 1, Rules = [] };

    public Func<LessonQuery, LessonPage> List { get; set; } = _ => new LessonPage { Items = [Samples.Lesson()] };

    public Func<string, Resolution, Lesson?> Resolve { get; set; } = (_, resolution) => Samples.Lesson() with { RootCause = resolution.RootCause, Origin = RuleOrigin.Person };

    public Func<OperatorOrder, OrderAnswer> Submit { get; set; } = order => new OrderAnswer(Samples.Action(order));

    public ImmutableArray<OperatorAction> Actions { get; set; } = [];

    public Func<long?, int, ImmutableArray<AuditEntry>> Audit { get; set; } = (_, _) => [];

    public ImmutableArray<BreakerView> Breakers { get; set; } = [];

    public DeadLetterList DeadLetters { get; set; } = new() { Letters = [], Dropped = 0 };

    public Func<string, DeadLetter?> Replay { get; set; } = _ => null;

    public Func<LessonEdit, Lesson> Edit { get; set; } = edit => Samples.Lesson() with { RootCause = edit.RootCause ?? "" };

    public Func<string, LessonImport> Import { get; set; } = _ => new LessonImport { Added = 1 };

    public Func<RemediationRule, RuleReceipt> Register { get; set; } = _ => Receipt(RemediationMode.Active);

    /// <summary>What was written into the audit before something was done.</summary>
    public List<(string What, string Subject)> Notes { get; } = [];

    private Task<bool> Noted(string what, string subject)
    {
        Notes.Add((what, subject));
        return Reply(() => true);
    }

    private static RuleReceipt Receipt(RemediationMode mode) => new()
    {
        Version = 7 + (int)mode,
        Silos = [new RulesAtSilo { Silo = "S1", Version = 9, Since = Samples.Noon }, new RulesAtSilo { Silo = "S2" }],
    };

    /// <summary>When set, every grain fails with it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>When true, no grain ever answers.</summary>
    public bool Silent { get; set; }

    public IReadOnlyList<(string Grain, string Method)> Asked
    {
        get
        {
            lock (asked)
            {
                return [.. asked];
            }
        }
    }

    private object GrainFor(MethodInfo method, object?[] arguments)
    {
        var key = (string)arguments[0]!;
        return CallProxy.Make(method.GetGenericArguments()[0], (call, given) => Answer(key, call, given));
    }

    private Task Answer(string key, MethodInfo call, object?[] arguments)
    {
        lock (asked)
        {
            asked.Add((key, call.Name));
        }

        return call.Name switch
        {
            nameof(IOperatorGrain.Note) => Noted((string)arguments[1]!, (string)arguments[2]!),
            nameof(IOperatorGrain.Submit) => Reply(() => Submit((OperatorOrder)arguments[0]!)),
            nameof(IOperatorGrain.Get) when call.DeclaringType == typeof(IOperatorGrain) => Reply(() => Actions.FirstOrDefault(action => action.Id == (string)arguments[0]!)),
            nameof(IOperatorGrain.Audit) when call.DeclaringType == typeof(IOperatorGrain) => Reply(() => Audit((long?)arguments[0], (int)arguments[1]!)),
            nameof(ISupervisionIntrospectorGrain.GetBreakers) => Reply(() => Breakers),
            nameof(IDeadLettersGrain.List) when call.DeclaringType == typeof(IDeadLettersGrain) => Reply(() => DeadLetters),
            nameof(IDeadLettersGrain.Replay) => Reply(() => Replay((string)arguments[0]!)),
            nameof(IDeadLettersGrain.Discard) => Reply(() => DeadLetters.Letters.Any(letter => letter.Id == (string)arguments[0]!)),
            nameof(ILessonsLearnedGrain.Edit) => Reply(() => Edit((LessonEdit)arguments[0]!)),
            nameof(ILessonsLearnedGrain.Import) => Reply(() => Import((string)arguments[0]!)),
            nameof(ILessonsLearnedGrain.Export) => Reply(() => new LessonExport { File = "{\"lessons\":[]}", Lessons = 0, Next = "more" }),
            nameof(IRemediationRegistryGrain.Register) => Reply(() => Register((RemediationRule)arguments[0]!)),
            nameof(IRemediationRegistryGrain.SetMode) => Reply(() => Receipt((RemediationMode)arguments[0]!)),
            nameof(IRemediationRegistryGrain.Remove) => Reply(() => (string)arguments[0]! == "mine"),
            nameof(ISupervisionIntrospectorGrain.GetTreeHealth) => Reply(() => Tree()),
            nameof(ISupervisionIntrospectorGrain.GetTickets) => Reply(() => Tickets),
            nameof(ILessonsLearnedGrain.GetStatistics) => Reply(() => Statistics),
            nameof(ILessonsLearnedGrain.List) => Reply(() => List((LessonQuery)arguments[0]!)),
            nameof(ILessonsLearnedGrain.Get) => Reply(() => List(new LessonQuery()).Items.FirstOrDefault(lesson => lesson.Id == (string)arguments[0]!)),
            nameof(IRemediationRegistryGrain.GetRules) => Reply(() => Rules),
            nameof(ISupervisorGrain.ResolveTicket) => Reply(() => Resolve((string)arguments[0]!, (Resolution)arguments[1]!)),
            _ => throw new InvalidOperationException($"The dashboard is not expected to call {call.Name}."),
        };
    }

    private Task<T> Reply<T>(Func<T> answer)
    {
        if (Silent)
        {
            return new TaskCompletionSource<T>().Task;
        }

        try
        {
            return Failure is null ? Task.FromResult(answer()) : Task.FromException<T>(Failure);
        }
        catch (Exception refused) when (refused is InvalidOperationException or LessonConflictException)
        {
            return Task.FromException<T>(refused);
        }
        catch (ArgumentException refused)
        {
            return Task.FromException<T>(refused);
        }
        catch (SupervisionRefusedException refused)
        {
            return Task.FromException<T>(refused);
        }
    }
}

/// <summary>Any interface, answered by one function.</summary>
public class CallProxy : DispatchProxy
{
    private Func<MethodInfo, object?[], object> answer = null!;

    public static T Make<T>(Func<MethodInfo, object?[], object> answer) => (T)Make(typeof(T), answer);

    public static object Make(Type type, Func<MethodInfo, object?[], object> answer)
    {
        var proxy = Create(type, typeof(CallProxy));
        ((CallProxy)proxy).answer = answer;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => answer(targetMethod!, args ?? []);
}
