using System.Security.Cryptography;

namespace Prismatic.Silo.Demo;

/// <summary>
/// The demo's directory, held for one demo at a time. Its marker tells it from the directory of a silo, which the demo neither uses nor
/// clears.
/// </summary>
internal sealed class DemoData : IDisposable
{
    private const string Marker = "demo.lock";
    private readonly FileStream _held;

    private DemoData(string directory, FileStream held)
    {
        Directory = directory;
        _held = held;
    }

    public string Directory { get; }

    /// <summary>What it was given as, for people to read.</summary>
    public required string Shown { get; init; }

    public string DatabaseFile => Path.Combine(Directory, "prismatic.db");

    public string ListDirectory => Path.Combine(Directory, "lists");

    public string TokenFile => Path.Combine(Directory, "admin-token");

    public string LogFile => Path.Combine(Shown, "silo.log");

    /// <summary>The run that the pipeline was given last.</summary>
    public string RunFile => Path.Combine(Directory, "last-run");

    /// <summary>Takes the directory, or says in a sentence why not.</summary>
    public static (DemoData? Data, string Mistake) Open(string given, bool fresh)
    {
        var directory = Path.GetFullPath(given);
        var marker = Path.Combine(directory, Marker);
        if (System.IO.Directory.Exists(directory) && !File.Exists(marker) && System.IO.Directory.EnumerateFileSystemEntries(directory).Any())
        {
            return (null, $"{directory} holds files that no demo made. Name an empty or a new directory with --data.");
        }

        try
        {
            System.IO.Directory.CreateDirectory(directory);
            var held = new FileStream(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var data = new DemoData(directory, held) { Shown = given };
            if (fresh)
            {
                data.Clear();
            }

            data.WriteToken();
            return (data, "");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return (null, $"The demo cannot use {directory}; is another demo running there? {refused.Message}");
        }
    }

    /// <summary>Puts whole copies of the sample lists where the workers read lists, over what a killed run may have left half written.</summary>
    public void CopySamples()
    {
        var samples = Path.Combine(AppContext.BaseDirectory, "Samples");
        foreach (var file in System.IO.Directory.EnumerateFiles(samples, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(ListDirectory, Path.GetRelativePath(samples, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    public void Dispose() => _held.Dispose();

    private void Clear()
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(Directory).Where(file => Path.GetFileName(file) != Marker))
        {
            File.Delete(file);
        }

        foreach (var below in System.IO.Directory.EnumerateDirectories(Directory))
        {
            System.IO.Directory.Delete(below, recursive: true);
        }
    }

    private void WriteToken()
    {
        File.Delete(TokenFile);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(TokenFile, options);
        file.Write(RandomNumberGenerator.GetHexString(64, lowercase: true));
    }
}
