using Prismatic.Remediation;

namespace Prismatic.Supervision;

/// <summary>What stands at a place of the tree.</summary>
internal enum ChildKind
{
    /// <summary>One grain.</summary>
    Worker,

    /// <summary>A grain type whose keys are all children.</summary>
    Family,

    /// <summary>A supervisor.</summary>
    Supervisor,
}

/// <summary>What every child has, whatever stands there.</summary>
internal interface IDeclaredChild
{
    string Id { get; }

    string Path { get; }

    RestartType RestartType { get; }

    Shutdown Shutdown { get; }

    bool Significant { get; }
}

/// <summary>A worker or family as it was declared. Without behaviour and checked as a whole by <see cref="TreeRules"/>.</summary>
internal sealed record WorkerSpec : IDeclaredChild
{
    public required string Id { get; init; }

    public required string Path { get; init; }

    public required ChildKind Kind { get; init; }

    public required Type Interface { get; init; }

    /// <summary>The grain's key, in the form its interface wants; null for a family.</summary>
    public object? Key { get; init; }

    /// <summary>The interface of the grain that answers in its place, or null.</summary>
    public Type? Fallback { get; init; }

    public RestartWithBackoff? Restart { get; init; }

    /// <summary>How long a turn may take; null: what the tree says, infinite: for ever.</summary>
    public TimeSpan? Deadline { get; init; }

    public RestartType RestartType { get; init; }

    public Shutdown Shutdown { get; init; } = Shutdown.After(TimeSpan.FromSeconds(5));

    public bool Significant { get; init; }

    public Budget Budget { get; init; }

    /// <summary>Exceptions that belong to the request, with their subtypes.</summary>
    public IReadOnlyList<Type> Expected { get; init; } = [];

    /// <summary>Exceptions after which the activation goes on, with their subtypes.</summary>
    public IReadOnlyList<Type> Resumed { get; init; } = [];

    /// <summary>Whether its dead letters can be replayed.</summary>
    public bool KeepsRequests { get; init; }
}

/// <summary>A supervisor as it was declared.</summary>
internal sealed record SupervisorSpec : IDeclaredChild
{
    public required string Id { get; init; }

    public required string Path { get; init; }

    public required RestartStrategy Strategy { get; init; }

    /// <summary>The supervisor's own window; null for the root, which has none.</summary>
    public Budget? Budget { get; init; }

    public static readonly Budget DefaultRemediationBudget = new(100, TimeSpan.FromMinutes(1));

    /// <summary>Remedies other than a restart that the children may be given.</summary>
    public Budget RemediationBudget { get; init; } = DefaultRemediationBudget;

    public RestartType RestartType { get; init; }

    public Shutdown Shutdown { get; init; } = Shutdown.Infinity;

    public bool Significant { get; init; }

    public AutoShutdown AutoShutdown { get; init; }

    /// <summary>What may be added at run time: one template for each grain interface, with everything but id, path and key.</summary>
    public IReadOnlyList<WorkerSpec> Accepts { get; init; } = [];

    /// <summary>A dynamic supervisor: its children are grains of the one type it accepts, known by their keys and gone when they end.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>How many children a dynamic supervisor may have; null: any number.</summary>
    public int? MaxChildren { get; init; }

    /// <summary>A partition supervisor: how many partitions were declared; null for any other.</summary>
    public int? Partitions { get; init; }

    /// <summary>Workers, families and supervisors, in start order.</summary>
    public required IReadOnlyList<IDeclaredChild> Children { get; init; }

    public IEnumerable<WorkerSpec> Workers => Children.OfType<WorkerSpec>();

    public IEnumerable<SupervisorSpec> Supervisors => Children.OfType<SupervisorSpec>();

    public IEnumerable<SupervisorSpec> SelfAndBelow() => Supervisors.SelectMany(child => child.SelfAndBelow()).Prepend(this);
}
