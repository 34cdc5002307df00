using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Prismatic.Runtime;

namespace Prismatic.Supervision;

/// <summary>The supervisors of this silo's tree by path.</summary>
internal sealed class SupervisorSpecs(SupervisorSpec root)
{
    private readonly Dictionary<string, SupervisorSpec> _byPath = root.SelfAndBelow()
        .GroupBy(supervisor => supervisor.Path)
        .ToDictionary(group => group.Key, group => group.First());

    public SupervisorSpec Root => root;

    /// <summary>What other silos are told of this tree.</summary>
    public SiloTree Tree { get; } = new()
    {
        Fingerprint = FingerprintOf(root),
        Supervisors = [.. root.SelfAndBelow().Select(supervisor => supervisor.Path)],
    };

    public IEnumerable<SupervisorSpec> All => root.SelfAndBelow();

    public SupervisorSpec? Find(string path) => _byPath.GetValueOrDefault(path);

    public string Describe() => string.Join(", ", _byPath.Keys);

    private static string FingerprintOf(SupervisorSpec root)
    {
        var lines = root.SelfAndBelow().SelectMany(supervisor => supervisor.Children
            .Select(child => FormattableString.Invariant($"{child.Path} {child.RestartType} {child.Shutdown} {child.Significant} {KindOf(child)}"))
            .Prepend(FormattableString.Invariant($"{supervisor.Path} {supervisor.Strategy} {supervisor.Budget} {supervisor.AutoShutdown} {supervisor.IsDynamic} {supervisor.MaxChildren} {supervisor.Partitions}")));
        return XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(string.Join('\n', lines))).ToString("x16", CultureInfo.InvariantCulture);
    }

    private static string KindOf(IDeclaredChild child) => child is WorkerSpec worker
        ? FormattableString.Invariant($"{worker.Kind} {worker.Interface.FullName} {worker.Key} {worker.Fallback?.FullName} {worker.Restart} {worker.Deadline} {worker.Budget}")
        : nameof(ChildKind.Supervisor);
}
