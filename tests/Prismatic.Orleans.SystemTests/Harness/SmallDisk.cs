using System.Globalization;

namespace Prismatic.SystemTests.Harness;

/// <summary>A file system of a few megabytes, in memory, that a test can fill. Needs root; where it cannot be had the test is left out, as <see cref="Requirement"/> says.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TemporaryDirectory _below = new();

    private SmallDisk()
    {
    }

    public string Path => _below.Combine("disk");

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static async Task<SmallDisk> Mount(int megabytes)
    {
        Requirement.Needs(OperatingSystem.IsLinux() && Environment.UserName == "root", "A disk of its own can be mounted by root on Linux only.");
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.Path);
        await using var mount = ProgramProcess.Start(
            "/bin/mount", ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", disk.Path], "/", []);
        if (await mount.Exit() != 0)
        {
            disk._below.Dispose();
            Requirement.Needs(false, $"A disk of its own cannot be mounted here. {mount.Describe()}");
        }

        return disk;
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var piece in new[] { 1 << 20, 1 << 12, 1 })
        {
            try
            {
                while (true)
                {
                    filler.Write(new byte[piece]);
                }
            }
            catch (IOException)
            {
                // Full, to the piece.
            }
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        await using (var unmount = ProgramProcess.Start("/bin/umount", ["-l", Path], "/", []))
        {
            await unmount.Exit();
        }

        _below.Dispose();
    }
}
