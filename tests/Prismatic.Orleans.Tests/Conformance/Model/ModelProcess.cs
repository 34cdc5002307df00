namespace Prismatic.Tests.Conformance;

/// <summary>One run of a worker or supervisor; what a pid stands for.</summary>
internal class ModelProcess(string path, int attempt, HistoryChild spec, ModelSupervisor? parent)
{
    public string Path => path;

    public int Attempt => attempt;

    public HistoryChild Spec => spec;

    public ModelSupervisor? Parent => parent;

    public bool Alive { get; set; } = true;
}

/// <summary>An entry in a supervisor's list: it has a process, or none, or is restarting.</summary>
internal sealed class ModelChild(HistoryChild spec)
{
    public HistoryChild Spec => spec;

    /// <summary>The last process of a child that is not stopped. It may be dead already, while the news waits in the supervisor's inbox.</summary>
    public ModelProcess? Process { get; set; }

    public bool Restarting { get; set; }

    public bool Running => Process is not null && !Restarting;

    public bool Undefined => Process is null && !Restarting;

    public void Clear() => (Process, Restarting) = (null, false);
}
