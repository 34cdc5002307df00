using Prismatic.Silo.Demo;
using Xunit;

namespace Prismatic.Tests.Demo;

public sealed class DemoDataTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("prismatic-demo-");

    [Fact]
    public void The_directory_of_a_silo_is_neither_used_nor_cleared()
    {
        File.WriteAllText(InDirectory("prismatic.db"), "a silo's");

        var (data, mistake) = DemoData.Open(_directory.FullName, fresh: true);

        Assert.Null(data);
        Assert.Contains("no demo made", mistake, StringComparison.Ordinal);
        Assert.Equal("a silo's", File.ReadAllText(InDirectory("prismatic.db")));
    }

    [Fact]
    public void Fresh_clears_what_a_demo_left_and_the_next_demo_keeps_it()
    {
        DemoData.Open(_directory.FullName, fresh: false).Data!.Dispose();
        File.WriteAllText(InDirectory("prismatic.db"), "a demo's");
        Directory.CreateDirectory(InDirectory("documents"));

        DemoData.Open(_directory.FullName, fresh: false).Data!.Dispose();
        Assert.True(File.Exists(InDirectory("prismatic.db")));

        DemoData.Open(_directory.FullName, fresh: true).Data!.Dispose();
        Assert.Equal(["admin-token", "demo.lock"], Directory.EnumerateFileSystemEntries(_directory.FullName).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Two_demos_do_not_share_a_directory()
    {
        using var first = DemoData.Open(_directory.FullName, fresh: false).Data;

        var (second, mistake) = DemoData.Open(_directory.FullName, fresh: false);

        Assert.Null(second);
        Assert.Contains("another demo", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void The_admin_token_is_new_each_time_and_for_the_owner_only()
    {
        string first, second;
        using (var data = DemoData.Open(_directory.FullName, fresh: false).Data!)
        {
            first = File.ReadAllText(data.TokenFile);
        }

        using (var data = DemoData.Open(_directory.FullName, fresh: false).Data!)
        {
            second = File.ReadAllText(data.TokenFile);
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(data.TokenFile) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        Assert.Equal(64, first.Length);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("data/demo", false, false)]
    [InlineData("elsewhere", true, true, "--data", "elsewhere", "--fresh", "--keep-running")]
    public void The_arguments_are_read(string directory, bool fresh, bool keepRunning, params string[] arguments)
    {
        var read = DemoArguments.Read(arguments);

        Assert.Equal(new DemoArguments(directory.Replace('/', Path.DirectorySeparatorChar), fresh, keepRunning), read);
    }

    [Theory]
    [InlineData("--data")]
    [InlineData("--data", " ")]
    [InlineData("--frsh")]
    [InlineData("data/demo")]
    public void Arguments_that_make_no_sense_are_refused(params string[] arguments) => Assert.Null(DemoArguments.Read(arguments));

    public void Dispose() => _directory.Delete(recursive: true);

    private string InDirectory(string name) => Path.Combine(_directory.FullName, name);
}
