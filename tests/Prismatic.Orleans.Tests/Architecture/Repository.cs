namespace Prismatic.Tests.Architecture;

/// <summary>The sources that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] NotSources = [".git", "bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "data", ".vs", "node_modules"];

    public static DirectoryInfo Root { get; } = Find();

    /// <summary>The files of the repository as paths from its root, without what builds and runs leave behind.</summary>
    public static IEnumerable<string> Files() => Files(Root).Select(file => Path.GetRelativePath(Root.FullName, file.FullName).Replace('\\', '/'));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root.FullName, path));

    private static IEnumerable<FileInfo> Files(DirectoryInfo directory) =>
        directory.EnumerateFileSystemInfos()
            .Where(entry => !NotSources.Contains(entry.Name))
            .SelectMany(entry => entry is DirectoryInfo child ? Files(child) : [(FileInfo)entry]);

    // Not by the path of this source file, which a deterministic build replaces.
    private static DirectoryInfo Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Prismatic.Orleans.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"There is no Prismatic.Orleans.sln above {AppContext.BaseDirectory}.");
        }

        return directory;
    }
}
