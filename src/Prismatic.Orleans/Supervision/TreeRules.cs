namespace Prismatic.Supervision;

/// <summary>What a tree must fulfil. All mistakes are found together, each as a sentence that names the place.</summary>
internal static class TreeRules
{
    public static IReadOnlyList<string> FindMistakes(SupervisorSpec root, SupervisionOptions options)
    {
        var mistakes = new List<string>(options.FindMistakes());
        foreach (var supervisor in root.SelfAndBelow())
        {
            CheckSupervisor(supervisor, mistakes);
        }

        CheckPlaces(root, mistakes);
        return mistakes;
    }

    private static void CheckSupervisor(SupervisorSpec supervisor, List<string> mistakes)
    {
        var at = $"Supervisor '{supervisor.Path}'";
        CheckId(at, supervisor.Id, mistakes);
        if (!Enum.IsDefined(supervisor.Strategy))
        {
            mistakes.Add($"{at} has strategy {supervisor.Strategy}; it must be OneForOne, RestForOne or OneForAll.");
        }

        CheckLifetime(at, supervisor, mistakes);
        if (!Enum.IsDefined(supervisor.AutoShutdown))
        {
            mistakes.Add($"{at} has AutoShutdown {supervisor.AutoShutdown}; it must be Never, AnySignificant or AllSignificant.");
        }

        if (supervisor.IsDynamic && supervisor.AutoShutdown != AutoShutdown.Never)
        {
            mistakes.Add($"{at} is dynamic and has AutoShutdown {supervisor.AutoShutdown}; a dynamic supervisor's must be Never.");
        }

        if (supervisor.IsDynamic && (supervisor.Children.Count > 0 || supervisor.Accepts.Count > 1))
        {
            mistakes.Add($"{at} is dynamic and declares children or further types; a dynamic supervisor has the one type that it was made for.");
        }

        if (supervisor.MaxChildren < 0)
        {
            mistakes.Add($"{at} has maxChildren {supervisor.MaxChildren}; it must be 0 or more.");
        }

        if (supervisor.Partitions is < 1 or > 10_000)
        {
            mistakes.Add($"{at} has {supervisor.Partitions} partitions; it must have 1 to 10,000.");
        }

        if (supervisor.AutoShutdown == AutoShutdown.Never)
        {
            foreach (var child in supervisor.Children.Concat(supervisor.Accepts).Where(child => child.Significant))
            {
                mistakes.Add($"'{child.Path}' is significant and its supervisor never ends by itself; set AutoShutdown on '{supervisor.Path}' or take Significant() away.");
            }
        }

        if (supervisor.Children.Count == 0 && supervisor.Accepts.Count == 0 && supervisor.Partitions is null)
        {
            mistakes.Add($"{at} has no children; a supervisor needs at least one worker, family or supervisor.");
        }

        if (supervisor.Budget is { } budget)
        {
            CheckBudget(at, budget, mistakes);
        }

        CheckBudget($"{at}: RemediationBudget", supervisor.RemediationBudget, mistakes);

        var ids = supervisor.Workers.Select(worker => worker.Id).Concat(supervisor.Supervisors.Select(child => child.Id));
        foreach (var twice in ids.GroupBy(id => id, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            mistakes.Add($"{at} has {twice.Count()} children with the id '{twice.Key}'; ids must differ within a supervisor.");
        }

        foreach (var worker in supervisor.Workers.Concat(supervisor.Accepts))
        {
            CheckWorker(worker, mistakes);
        }
    }

    /// <summary>What is wrong with how a child ends and is started again; for declared children and for those added at run time.</summary>
    public static void CheckLifetime(string at, IDeclaredChild child, List<string> mistakes)
    {
        if (!Enum.IsDefined(child.RestartType))
        {
            mistakes.Add($"{at} has lifetime {child.RestartType}; it must be Permanent, Transient or Temporary.");
        }

        if (child.Shutdown.Limit is { } limit && (limit < TimeSpan.Zero || limit > TimeSpan.FromDays(1)))
        {
            mistakes.Add($"{at} may take {limit} to stop; it must be from 0 to 1 day, or Infinity.");
        }

        if (child.Significant && child.RestartType == RestartType.Permanent)
        {
            mistakes.Add($"{at} is significant and permanent; a permanent child never ends for good, so that only a transient or temporary one can be significant.");
        }
    }

    private static void CheckWorker(WorkerSpec worker, List<string> mistakes)
    {
        var at = $"{worker.Kind} '{worker.Path}'";
        CheckId(at, worker.Id, mistakes);
        CheckBudget(at, worker.Budget, mistakes);
        CheckLifetime(at, worker, mistakes);
        if (worker.Significant && worker.Kind == ChildKind.Family)
        {
            mistakes.Add($"{at} is significant; a family has no end of its own.");
        }

        if (!worker.Interface.IsInterface || !typeof(IGrain).IsAssignableFrom(worker.Interface))
        {
            mistakes.Add($"{at} is declared with {worker.Interface.FullName}, which is not a grain interface.");
        }
        else if (worker.Kind == ChildKind.Worker && worker.Id != "*" && KeyMistake(worker) is { } keyMistake)
        {
            mistakes.Add($"{at} {keyMistake}");
        }

        if (worker.Fallback is { } fallback)
        {
            if (!fallback.IsInterface || !worker.Interface.IsAssignableFrom(fallback))
            {
                mistakes.Add($"{at} has the fallback {fallback.FullName}, which must be an interface that extends {worker.Interface.FullName}.");
            }
            else if (fallback == worker.Interface)
            {
                mistakes.Add($"{at} has itself as fallback; the fallback must be another grain, with an interface of its own that extends {worker.Interface.FullName}.");
            }
        }

        if (worker.Deadline is { } deadline && DeadlineRule.MistakeOf(deadline) is { } mistaken)
        {
            mistakes.Add($"{at} has a deadline that {mistaken}");
        }

        if (worker.Restart is { } restart)
        {
            mistakes.AddRange(RestartPolicyRules.FindMistakes($"{at}: Restart", restart));
        }
    }

    private static string? KeyMistake(WorkerSpec worker) => worker.Key switch
    {
        string text when string.IsNullOrWhiteSpace(text) => "has an empty key.",
        string when !typeof(IGrainWithStringKey).IsAssignableFrom(worker.Interface) =>
            $"has a string key, but {worker.Interface.FullName} is not an IGrainWithStringKey; give the key that it wants with Key(…).",
        long when !typeof(IGrainWithIntegerKey).IsAssignableFrom(worker.Interface) =>
            $"has an integer key, but {worker.Interface.FullName} is not an IGrainWithIntegerKey.",
        Guid when !typeof(IGrainWithGuidKey).IsAssignableFrom(worker.Interface) =>
            $"has a GUID key, but {worker.Interface.FullName} is not an IGrainWithGuidKey.",
        _ => null,
    };

    public static void CheckId(string at, string id, List<string> mistakes)
    {
        if (string.IsNullOrWhiteSpace(id) || id.Length > 100 || id.Contains('/', StringComparison.Ordinal))
        {
            mistakes.Add($"{at} has the id '{id}'; an id has 1 to 100 characters, none of them a '/', and is not blank.");
        }
    }

    private static void CheckBudget(string at, Budget budget, List<string> mistakes)
    {
        if (budget.Intensity < 0)
        {
            mistakes.Add($"{at} has intensity {budget.Intensity}; it must be 0 or more.");
        }

        if (budget.Period <= TimeSpan.Zero || budget.Period > TimeSpan.FromDays(1))
        {
            mistakes.Add($"{at} has the period {budget.Period}; it must be longer than zero and at most 1 day.");
        }
    }

    private static void CheckPlaces(SupervisorSpec root, List<string> mistakes)
    {
        var workers = root.SelfAndBelow().SelectMany(supervisor => supervisor.Workers).ToList();
        foreach (var group in workers.GroupBy(worker => (worker.Interface, worker.Key)).Where(group => group.Count() > 1))
        {
            var grain = group.Key.Key is null ? $"family {group.Key.Interface.FullName}" : $"grain {group.Key.Interface.FullName} '{group.Key.Key}'";
            mistakes.Add($"The {grain} stands in {group.Count()} places: {string.Join(", ", group.Select(worker => worker.Path))}; a worker has one supervisor.");
        }
    }
}
