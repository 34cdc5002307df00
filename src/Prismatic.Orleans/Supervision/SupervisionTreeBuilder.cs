using System.Globalization;
using Prismatic.Remediation;

namespace Prismatic.Supervision;

/// <summary>
/// Declares a supervision tree. Nothing is checked while it is being declared; at silo start all mistakes are reported together.
/// The root is one_for_one and has no window of its own: every supervisor under it is a domain with its own budget, quarantined alone.
/// </summary>
public sealed class SupervisionTreeBuilder
{
    private readonly SupervisorBuilder _root = new("app", "app", RestartStrategy.OneForOne);

    /// <summary>The name of the root, the first segment of every path. Default <c>app</c>.</summary>
    public SupervisionTreeBuilder Root(string name)
    {
        _root.Rename(name);
        return this;
    }

    /// <summary>A supervisor under the root: a domain.</summary>
    /// <param name="id">Unique among its siblings, 1 to 100 characters.</param>
    /// <param name="strategy">Which children restart when one crashes.</param>
    /// <param name="children">Declares its children, in start order.</param>
    public SupervisionTreeBuilder Supervisor(string id, RestartStrategy strategy, Action<SupervisorBuilder> children)
    {
        _root.Supervisor(id, strategy, children);
        return this;
    }

    /// <summary>Acts on crashes. Without it supervision observes: it counts and shows, and nothing is deactivated or refused.</summary>
    public SupervisionTreeBuilder Enforce()
    {
        Settings.Mode = SupervisionMode.Enforce;
        return this;
    }

    /// <summary>
    /// Adds a remediation rule. Checked with the tree at silo start: an invalid rule, or one that ties with another, is a mistake like any other.
    /// Rules of the registry and of the rule file that tie with it are left out.
    /// </summary>
    public SupervisionTreeBuilder Rule(RemediationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Settings.Rules.Add(rule);
        return this;
    }

    /// <summary>Changes settings of the whole tree.</summary>
    public SupervisionTreeBuilder Configure(Action<SupervisionOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(Settings);
        return this;
    }

    internal SupervisionOptions Settings { get; } = new();

    internal SupervisorSpec Build() => _root.Build(isRoot: true);
}

/// <summary>Declares the children of one supervisor, in start order.</summary>
public sealed class SupervisorBuilder
{
    private readonly List<Func<string, IDeclaredChild>> _children = [];
    private readonly RestartStrategy _strategy;
    private string _id;
    private string? _rootName;
    private readonly List<Func<string, WorkerSpec>> _accepts = [];
    /// <summary>Elixir's: 3 restarts in 5 s.</summary>
    internal static readonly Budget DefaultBudget = new(3, TimeSpan.FromSeconds(5));

    private Budget _budget = DefaultBudget;
    private Budget _remedies = SupervisorSpec.DefaultRemediationBudget;
    private RestartType _restartType;
    private Shutdown _shutdown = Shutdown.Infinity;
    private AutoShutdown _autoShutdown;
    private bool _significant;
    private bool _isDynamic;
    private int? _maxChildren;
    private int? _partitions;

    internal SupervisorBuilder(string id, string path, RestartStrategy strategy)
    {
        _id = id;
        _rootName = path;
        _strategy = strategy;
    }

    /// <summary>
    /// How many restarts this supervisor allows within which period, both ends included, as OTP counts them. A round of rest_for_one or
    /// one_for_all counts once. The restart beyond it quarantines the supervisor with all below. Default 3 in 5 s, as Elixir's.
    /// </summary>
    /// <param name="restarts">0 or more; 0 allows none.</param>
    /// <param name="period">Longer than zero, at most 1 day.</param>
    public SupervisorBuilder Intensity(int restarts, TimeSpan period)
    {
        _budget = new Budget(restarts, period);
        return this;
    }

    /// <summary>
    /// How many remedies other than a restart this supervisor's children may be given within which period, so that remediation cannot itself be
    /// the storm. Beyond it a crash gets the default restart, and a ticket says so. Default 100 in 1 min.
    /// </summary>
    /// <param name="remedies">0 or more; 0 allows none.</param>
    /// <param name="period">Longer than zero, at most 1 day.</param>
    public SupervisorBuilder RemediationBudget(int remedies, TimeSpan period)
    {
        _remedies = new Budget(remedies, period);
        return this;
    }

    /// <summary>When this supervisor is started again after it ended by itself. Default <see cref="RestartType.Permanent"/>. As in OTP, a transient supervisor that gave up is not: giving up is an orderly end.</summary>
    public SupervisorBuilder Lifetime(RestartType type) => With(() => _restartType = type);

    /// <summary>How long this supervisor and all below it may take to stop. Default <see cref="Shutdown.Infinity"/>, as OTP's for supervisors.</summary>
    public SupervisorBuilder StopWithin(Shutdown shutdown) => With(() => _shutdown = shutdown);

    /// <summary>That this supervisor's own end can end its parent: see <see cref="AutoShutdown"/>. Not for a permanent one.</summary>
    public SupervisorBuilder Significant() => With(() => _significant = true);

    /// <summary>When this supervisor ends because its significant children did. Default <see cref="AutoShutdown.Never"/>. A domain of jobs closes itself that way.</summary>
    public SupervisorBuilder AutoShutdown(AutoShutdown when) => With(() => _autoShutdown = when);

    /// <summary>
    /// That grains of <typeparamref name="TGrain"/> may be added to this supervisor at run time, with <see cref="ISupervisorGrain.StartChild(ChildSpec)"/>.
    /// Grains of that type run only while they are children: calls to any other are refused.
    /// </summary>
    /// <param name="configure">What holds for each of them: budget, restart, expected exceptions. Its id, key, lifetime and shutdown come with the request.</param>
    public SupervisorBuilder Accepts<TGrain>(Action<WorkerBuilder<TGrain>>? configure = null)
        where TGrain : IGrain
    {
        _accepts.Add(parent => WorkerBuilder<TGrain>.Build(parent, "*", ChildKind.Worker, configure));
        return this;
    }

    /// <summary>A worker: the grain of <typeparamref name="TGrain"/> whose key is <paramref name="id"/>, or what <see cref="WorkerBuilder{TGrain}.Key(string)"/> says.</summary>
    /// <param name="id">Unique among its siblings, 1 to 100 characters.</param>
    /// <param name="configure">Budget, restart, fallback, expected exceptions.</param>
    public SupervisorBuilder Worker<TGrain>(string id, Action<WorkerBuilder<TGrain>>? configure = null)
        where TGrain : IGrain
    {
        _children.Add(parent => WorkerBuilder<TGrain>.Build(parent, id, ChildKind.Worker, configure));
        return this;
    }

    /// <summary>A family: every grain of <typeparamref name="TGrain"/> is a child, whatever its key. A healthy member costs no record. OTP's simple_one_for_one.</summary>
    /// <inheritdoc cref="Worker{TGrain}"/>
    public SupervisorBuilder Workers<TGrain>(string id, Action<WorkerBuilder<TGrain>>? configure = null)
        where TGrain : IGrain
    {
        _children.Add(parent => WorkerBuilder<TGrain>.Build(parent, id, ChildKind.Family, configure));
        return this;
    }

    /// <summary>A supervisor under this one.</summary>
    /// <inheritdoc cref="SupervisionTreeBuilder.Supervisor"/>
    public SupervisorBuilder Supervisor(string id, RestartStrategy strategy, Action<SupervisorBuilder> children)
    {
        ArgumentNullException.ThrowIfNull(children);
        _children.Add(parent =>
        {
            var builder = new SupervisorBuilder(id, PathOf(parent, id), strategy);
            children(builder);
            return builder.Build(isRoot: false);
        });
        return this;
    }

    /// <summary>
    /// A dynamic supervisor under this one, OTP's simple_one_for_one and Elixir's DynamicSupervisor: it starts without children, and each grain of
    /// <typeparamref name="TGrain"/> that is started under it is a child until it ends for good.
    /// </summary>
    /// <param name="id">Unique among its siblings, 1 to 100 characters.</param>
    /// <param name="maxChildren">How many children it may have, those being restarted included; 0 or more. Default null: any number.</param>
    /// <param name="each">What holds for each child: lifetime, shutdown, budget, restart.</param>
    /// <param name="configure">The supervisor's own intensity, lifetime and shutdown.</param>
    public SupervisorBuilder DynamicSupervisor<TGrain>(
        string id,
        int? maxChildren = null,
        Action<WorkerBuilder<TGrain>>? each = null,
        Action<SupervisorBuilder>? configure = null)
        where TGrain : IGrain => Supervisor(id, RestartStrategy.OneForOne, supervisor =>
        {
            configure?.Invoke(supervisor);
            supervisor._isDynamic = true;
            supervisor._maxChildren = maxChildren;
            supervisor.Accepts(each);
        });

    /// <summary>
    /// A partition supervisor under this one, after Elixir's PartitionSupervisor: <paramref name="partitions"/> workers of the same kind, with the keys
    /// <c>0</c>, <c>1</c> and so on below the supervisor's path (<c>app/cache/0</c>). A caller finds the partition of a key with
    /// <see cref="SupervisorPartitions"/>; <see cref="ISupervisorGrain.ResizePartitions"/> takes some out and back in.
    /// </summary>
    /// <param name="id">Unique among its siblings, 1 to 100 characters.</param>
    /// <param name="partitions">How many; 1 to 10,000.</param>
    /// <param name="each">What holds for each partition.</param>
    /// <param name="configure">The supervisor's own intensity, lifetime and shutdown.</param>
    public SupervisorBuilder Partitions<TGrain>(
        string id,
        int partitions,
        Action<WorkerBuilder<TGrain>>? each = null,
        Action<SupervisorBuilder>? configure = null)
        where TGrain : IGrainWithStringKey => Supervisor(id, RestartStrategy.OneForOne, supervisor =>
        {
            configure?.Invoke(supervisor);
            supervisor._partitions = partitions;
            var path = supervisor._rootName!;
            for (var partition = 0; partition < Math.Min(partitions, 10_000); partition++)
            {
                var name = partition.ToString(CultureInfo.InvariantCulture);
                supervisor.Worker<TGrain>(name, worker =>
                {
                    each?.Invoke(worker);
                    worker.Key(ChildPath.Combine(path, name));
                });
            }
        });

    internal void Rename(string name) => _id = _rootName = name;

    internal SupervisorSpec Build(bool isRoot)
    {
        var path = _rootName ?? _id;
        return new SupervisorSpec
        {
            Id = _id,
            Path = path,
            Strategy = _strategy,
            Budget = isRoot ? null : _budget,
            RemediationBudget = _remedies,
            RestartType = _restartType,
            Shutdown = _shutdown,
            Significant = _significant,
            AutoShutdown = _autoShutdown,
            Accepts = [.. _accepts.Select(accepted => accepted(path))],
            IsDynamic = _isDynamic,
            MaxChildren = _maxChildren,
            Partitions = _partitions,
            Children = [.. _children.Select(child => child(path))],
        };
    }

    private SupervisorBuilder With(Action set)
    {
        set();
        return this;
    }

    internal static string PathOf(string parent, string id) =>
        string.IsNullOrEmpty(id) ? parent + "/" : ChildPath.Combine(string.IsNullOrEmpty(parent) ? "?" : parent, id);
}

/// <summary>Declares how one worker, or each member of a family, is supervised.</summary>
/// <typeparam name="TGrain">The worker's grain interface.</typeparam>
public sealed class WorkerBuilder<TGrain>
    where TGrain : IGrain
{
    private readonly List<Type> _expected = [];
    private readonly List<Type> _resumed = [];
    private object? _key;
    private Type? _fallback;
    private RestartWithBackoff? _restart;
    private TimeSpan? _deadline;
    private RestartType _restartType;
    private Shutdown _shutdown = Shutdown.After(TimeSpan.FromSeconds(5));
    private bool _keepsRequests;
    private bool _significant;
    private Budget _budget = new(3, TimeSpan.FromSeconds(5));

    private WorkerBuilder()
    {
    }

    /// <summary>The grain's key, where it is not the child's id. Not for families.</summary>
    public WorkerBuilder<TGrain> Key(string key) => With(() => _key = key);

    /// <inheritdoc cref="Key(string)"/>
    public WorkerBuilder<TGrain> Key(long key) => With(() => _key = key);

    /// <inheritdoc cref="Key(string)"/>
    public WorkerBuilder<TGrain> Key(Guid key) => With(() => _key = key);

    /// <summary>
    /// How many restarts this child is allowed within which period, judged before its supervisor's window. The restart beyond it
    /// quarantines the child alone, with one ticket. Default 3 in 5 s.
    /// </summary>
    public WorkerBuilder<TGrain> Intensity(int restarts, TimeSpan period) => With(() => _budget = new Budget(restarts, period));

    /// <summary>The restart that this child gets unless a rule says otherwise. Default <see cref="SupervisionOptions.DefaultRestart"/>.</summary>
    public WorkerBuilder<TGrain> Restart(RestartWithBackoff policy) => With(() => _restart = policy);

    /// <summary>When this child is started again after it ended. Default <see cref="RestartType.Permanent"/>.</summary>
    public WorkerBuilder<TGrain> Lifetime(RestartType type) => With(() => _restartType = type);

    /// <summary>How long this child may take to stop before it is fenced. Default 5 s, as OTP's for workers; 0 to 1 day, <see cref="Shutdown.BrutalKill"/> or <see cref="Shutdown.Infinity"/>.</summary>
    public WorkerBuilder<TGrain> StopWithin(Shutdown shutdown) => With(() => _shutdown = shutdown);

    /// <summary>That this child's own end can end its supervisor: see <see cref="AutoShutdown"/>. Not for a permanent child or a family.</summary>
    public WorkerBuilder<TGrain> Significant() => With(() => _significant = true);

    /// <summary>
    /// How long a turn may take: a call, a timer, a reminder, a stream delivery, one step of an enumeration. A turn that outlasts it is hung,
    /// which is a crash: its cancellation token fires where its method has one, the activation is fenced (its state facet writes no more) and
    /// left behind, and calls go to the next one. The old turn may run on to its end, since .NET aborts none; its caller gets what it ends
    /// with, and that end counts no more. Default <see cref="SupervisionOptions.Deadline"/>; 10 ms to 1 day, or <see cref="Timeout.InfiniteTimeSpan"/>
    /// for none. Only workers with a deadline pay for it, with a timer for each turn. Stateless workers have none.
    /// </summary>
    public WorkerBuilder<TGrain> Deadline(TimeSpan deadline) => With(() => _deadline = deadline);

    /// <summary>
    /// The grain that answers while this one is redirected: the same key, with an interface that extends this one's. It is never
    /// redirected itself.
    /// </summary>
    public WorkerBuilder<TGrain> Fallback<TFallback>()
        where TFallback : TGrain => With(() => _fallback = typeof(TFallback));

    /// <summary>An exception, with its subtypes, that belongs to the request: the caller gets it, nobody is restarted, nothing is counted.</summary>
    public WorkerBuilder<TGrain> Expects<TException>()
        where TException : Exception => With(() => _expected.Add(typeof(TException)));

    /// <summary>An exception, with its subtypes, after which the activation goes on; it is recorded as a crash without a restart, as Akka's Resume.</summary>
    public WorkerBuilder<TGrain> Resume<TException>()
        where TException : Exception => With(() => _resumed.Add(typeof(TException)));

    /// <summary>
    /// Keeps the request of each dead letter, so that an operator can replay it after a fix: in the silo's durable storage, never shown, at most
    /// 64 KB, until it was served or the letter goes. A request that holds what looks like a secret, or that cannot be looked through, is not kept.
    /// Default: only its redacted arguments are kept, and it cannot be replayed.
    /// </summary>
    public WorkerBuilder<TGrain> ReplayDeadLetters() => With(() => _keepsRequests = true);

    internal static WorkerSpec Build(string parent, string id, ChildKind kind, Action<WorkerBuilder<TGrain>>? configure)
    {
        var builder = new WorkerBuilder<TGrain>();
        configure?.Invoke(builder);
        return new WorkerSpec
        {
            Id = id,
            Path = SupervisorBuilder.PathOf(parent, id),
            Kind = kind,
            Interface = typeof(TGrain),
            Key = kind == ChildKind.Family ? null : builder._key ?? id,
            Fallback = builder._fallback,
            Restart = builder._restart,
            Deadline = builder._deadline,
            RestartType = builder._restartType,
            Shutdown = builder._shutdown,
            Significant = builder._significant,
            Budget = builder._budget,
            Expected = [.. builder._expected],
            Resumed = [.. builder._resumed],
            KeepsRequests = builder._keepsRequests,
        };
    }

    private WorkerBuilder<TGrain> With(Action set)
    {
        set();
        return this;
    }
}
