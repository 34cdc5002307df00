using Xunit;

namespace Prismatic.Tests.Architecture;

internal static class Findings
{
    /// <summary>Fails with every finding on a line of its own.</summary>
    public static void MustBeNone(IEnumerable<string> findings)
    {
        var all = findings.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all.Prepend($"{all.Count} findings:")));
    }
}
