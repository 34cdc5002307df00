using Orleans.Runtime;

namespace Prismatic.Supervision;

/// <summary>From what was declared to the state of a supervisor's core.</summary>
internal static class CoreSetup
{
    public static CoreFlags FlagsOf(SupervisorSpec spec, SupervisionOptions options) => new()
    {
        Strategy = spec.Strategy,
        Intensity = options.TopPolicy == TopPolicy.Otp ? spec.Budget ?? SupervisorBuilder.DefaultBudget : null,
        AutoShutdown = spec.AutoShutdown,
        Simple = spec.IsDynamic,
        MaxChildren = spec.MaxChildren,
        KeepTerminated = options.TopPolicy != TopPolicy.Otp,

        // A start that fails is reported by its silo like any crash; what is judged then decides when it is tried again.
        SelfRetry = false,
    };

    /// <summary>
    /// Brings what is stored in line with what is declared today: fields are taken over, a child that is no longer declared goes, a new one comes in
    /// at its place. Nothing is started or stopped by it. (OTP's code change keeps removed children; a grain class that is gone cannot run.)
    /// </summary>
    public static void Reconcile(SupervisorSpec spec, SupervisionOptions options, SupervisorCore core)
    {
        var fresh = core.State.Children.Count == 0 && !core.State.Begun;
        var known = core.State.Children.ToDictionary(child => child.Id);
        var declared = spec.Children.Select(child => Update(known.GetValueOrDefault(child.Id) ?? new CoreChild { Id = child.Id }, child)).ToList();
        foreach (var child in declared.Where(child => !known.ContainsKey(child.Id)))
        {
            // Without OTP's ordered start a declared child runs from its first call on.
            child.Run = options.TopPolicy == TopPolicy.Otp ? ChildRun.Undefined : ChildRun.Running;
        }

        var gone = fresh ? [] : spec.Children.Where(child => child.RestartType == RestartType.Temporary && !known.ContainsKey(child.Id)).Select(child => child.Id).ToHashSet();
        core.Replace([.. declared.Where(child => !gone.Contains(child.Id)), .. core.State.Children.Where(child => child.Added)]);
        core.State.Begun |= options.TopPolicy != TopPolicy.Otp;
    }

    /// <summary>Everything as declared, for a supervisor that is started again after it ended. What was added at run time stays, except under OTP's rules.</summary>
    public static void Reset(SupervisorSpec spec, SupervisionOptions options, SupervisorCore core)
    {
        var state = core.State;
        state.Plan = null;
        state.Mail.Clear();
        state.Window.Clear();
        state.Ended = null;
        var incarnations = state.Children.ToDictionary(child => child.Id, child => child.Incarnation);
        var added = options.TopPolicy == TopPolicy.Otp ? [] : state.Children.Where(child => child.Added).ToList();
        foreach (var child in added)
        {
            child.Run = ChildRun.Undefined;
            child.Held = false;
        }

        core.Replace([
            .. spec.Children.Select(child => Update(new CoreChild { Id = child.Id, Incarnation = incarnations.GetValueOrDefault(child.Id) }, child)),
            .. added,
        ]);
    }

    /// <summary>The child of a request; with all mistakes of its specification, or none.</summary>
    public static (CoreChild Child, IReadOnlyList<string> Mistakes) Child(SupervisorSpec supervisor, ChildSpec spec, bool isAccepted)
    {
        var mistakes = new List<string>();
        var child = new WorkerSpec
        {
            Id = supervisor.IsDynamic ? spec.Grain.Key.ToString()! : spec.Id,
            Path = "",
            Kind = ChildKind.Worker,
            Interface = typeof(IGrain),
            RestartType = spec.Restart,
            Shutdown = spec.Shutdown,
            Significant = spec.Significant,
        };
        var at = $"Child '{child.Id}' of {supervisor.Path}";
        TreeRules.CheckId(at, child.Id, mistakes);
        if (spec.Grain.IsDefault)
        {
            mistakes.Add($"{at} names no grain.");
        }
        else if (!isAccepted)
        {
            mistakes.Add($"{at} is a grain of type '{spec.Grain.Type}', which {supervisor.Path} does not accept; declare it with Accepts<T>() or DynamicSupervisor<T>().");
        }

        TreeRules.CheckLifetime(at, child, mistakes);
        if (spec.Significant && supervisor.AutoShutdown == AutoShutdown.Never)
        {
            mistakes.Add($"{at} is significant and {supervisor.Path} never ends by itself; its AutoShutdown is Never.");
        }

        return (new CoreChild
        {
            Id = child.Id,
            Grain = spec.Grain.ToString(),
            Added = true,
            Restart = spec.Restart,
            Shutdown = spec.Shutdown,
            Significant = spec.Significant,
        }, mistakes);
    }

    private static CoreChild Update(CoreChild child, IDeclaredChild declared)
    {
        child.Restart = declared.RestartType;
        child.Shutdown = declared.Shutdown;
        child.Significant = declared.Significant;
        child.IsSupervisor = declared is SupervisorSpec;
        child.Added = false;
        return child;
    }
}
