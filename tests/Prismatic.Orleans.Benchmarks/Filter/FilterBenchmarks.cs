using System.Collections.Frozen;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using Prismatic.Calls;
using Prismatic.Control;
using Prismatic.Measuring;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Filter;

/// <summary>
/// Each hook in the way of a call alone, without a runtime. The incoming filters are those that AddSupervision registers, out of a host
/// that is built and not started; the tree's types are set by hand, as the silo's start would.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class FilterBenchmarks
{
    private readonly EmptyIncomingCallFilter _empty = new();
    private readonly PassingIncomingCallFilter _passing = new();
    private IHost _host = null!;
    private SupervisionCallFilter _supervision = null!;
    private ControlCalls _control = null!;
    private ArrivalCalls _arrival = null!;
    private FakeIncomingCall _unsupervised = null!;
    private FakeIncomingCall _healthy = null!;
    private FakeIncomingCall _attended = null!;
    private FakeSending _sending = null!;

    /// <summary>Whether the grain's method is still running when Invoke returns: then the filter's state machine moves to the heap.</summary>
    [Params(false, true)]
    public bool Asynchronous { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _host = BenchmarkSilo.Build(silo => silo
            .AddMemoryGrainStorage(StorageNames.Provider)
            .AddSupervision(tree => tree.Enforce().Configure(options => options.ControlKey = new byte[32])));
        _supervision = _host.Services.GetServices<IIncomingGrainCallFilter>().OfType<SupervisionCallFilter>().Single();

        var well = GrainId.Create("well", "1");
        var mixed = GrainId.Create("mixed", "1");
        var sick = GrainId.Create("mixed", "2");
        DeclareTypes(well, mixed, sick);
        _unsupervised = Call(GrainId.Create("other", "1"));
        _healthy = Call(well);
        _attended = Call(mixed);
        _sending = new FakeSending { Asynchronous = Asynchronous };
        _control = new ControlCalls(_sending, _host.Services.GetRequiredService<ControlKey>(), TimeProvider.System);
        _arrival = new ArrivalCalls(_sending, _host.Services, new CallRetryOptions(), TimeProvider.System, _sending.Send);
        LetTheCompilerSeeOrdinaryLoad();
    }

    [GlobalCleanup]
    public void Cleanup() => _host.Dispose();

    [Benchmark]
    public void In_none() => _healthy.Finish(_healthy.Invoke());

    [Benchmark]
    public void In_passing() => _healthy.Finish(_passing.Invoke(_healthy));

    [Benchmark]
    public void In_empty() => _healthy.Finish(_empty.Invoke(_healthy));

    [Benchmark]
    public void In_supervision_unsupervised() => _unsupervised.Finish(_supervision.Invoke(_unsupervised));

    [Benchmark]
    public void In_supervision_healthy() => _healthy.Finish(_supervision.Invoke(_healthy));

    [Benchmark]
    public void In_supervision_sick_sibling() => _attended.Finish(_supervision.Invoke(_attended));

    [Benchmark]
    public void Out_none() => _sending.CallThrough(_sending);

    [Benchmark]
    public void Out_control() => _sending.CallThrough(_control);

    [Benchmark]
    public void Out_arrival() => _sending.CallThrough(_arrival);

    private FakeIncomingCall Call(GrainId target) => new()
    {
        TargetId = target,
        Asynchronous = Asynchronous,
        Copier = _host.Services.GetRequiredService<DeepCopier<Response>>(),
    };

    private void DeclareTypes(GrainId well, GrainId mixed, GrainId sick)
    {
        var tree = new SupervisionTreeBuilder();
        tree.Supervisor("bench", RestartStrategy.OneForOne, bench => bench
            .Workers<IPingGrain>("well")
            .Worker<IPingGrain>("mixed-1", worker => worker.Key(1))
            .Worker<IPingGrain>("mixed-2", worker => worker.Key(2)));
        var supervisor = tree.Build().Supervisors.Single();
        var children = supervisor.Workers.Select((worker, at) => new SupervisedChild(worker, supervisor, (at == 0 ? well : mixed).Type, null)).ToList();
        _host.Services.GetRequiredService<SupervisedTypes>().Set(new Dictionary<GrainType, SupervisedType>
        {
            [well.Type] = new(FrozenDictionary<GrainId, SupervisedChild>.Empty, children[0], enumerates: false, accepted: []),
            [mixed.Type] = new(new Dictionary<GrainId, SupervisedChild> { [mixed] = children[1], [sick] = children[2] }.ToFrozenDictionary(), null, enumerates: false, accepted: []),
        });
        _host.Services.GetRequiredService<GateTable>().Attend(sick, children[2]);
    }

    /// <summary>
    /// The just-in-time compiler lays methods out for what it saw first. All cases share this process, so each begins with the load of an
    /// ordinary silo: supervised, healthy, now and then something else.
    /// </summary>
    private void LetTheCompilerSeeOrdinaryLoad()
    {
        for (var i = 0; i < 300_000; i++)
        {
            In_passing();
            In_empty();
            In_supervision_healthy();
            Out_none();
            Out_control();
            Out_arrival();
            if (i % 20 == 0)
            {
                In_supervision_unsupervised();
                In_supervision_sick_sibling();
            }
        }
    }
}
