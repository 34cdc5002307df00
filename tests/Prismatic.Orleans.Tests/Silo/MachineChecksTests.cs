using System.Net;
using System.Net.Sockets;
using Prismatic.Silo;
using Xunit;

namespace Prismatic.Tests.Silo;

public sealed class MachineChecksTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("prismatic-tests-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_machine_that_grants_everything_has_no_mistakes() => Assert.Empty(MachineChecks.FindMistakes(Options()));

    [Fact]
    public void A_port_in_use_is_named_with_its_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        Assert.Equal(
            [
                $"Prismatic:SiloPort wants port {port} of 127.0.0.1, which another program uses; is another silo running?",
                $"Prismatic:Urls wants port {port} of 127.0.0.1, which another program uses; is another silo running?",
            ],
            MachineChecks.FindMistakes(Options() with { SiloPort = port, Urls = [$"http://localhost:{port}"] }));
    }

    [Fact]
    public void A_data_directory_that_cannot_be_written_is_named()
    {
        var file = Path.Combine(_directory.FullName, "file");
        File.WriteAllText(file, "");

        var mistake = Assert.Single(MachineChecks.FindMistakes(Options() with { DataDirectory = file }));

        Assert.StartsWith($"Prismatic:DataDirectory is {file}, where nothing can be written:", mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, UnixFileMode.UserRead | UnixFileMode.UserWrite, null)]
    [InlineData(32, UnixFileMode.UserRead, null)]
    [InlineData(31, UnixFileMode.UserRead, "which holds a token of 31 characters; it must have 32 or more.")]
    [InlineData(32, UnixFileMode.UserRead | UnixFileMode.GroupRead, null)]
    [InlineData(32, UnixFileMode.UserRead | UnixFileMode.GroupWrite, "which others may read; its mode must be 0600, or 0440 where a group reads it.")]
    [InlineData(32, UnixFileMode.UserRead | UnixFileMode.OtherRead, "which others may read; its mode must be 0600, or 0440 where a group reads it.")]
    public void A_token_file_is_long_enough_and_its_owners_alone(int length, UnixFileMode mode, string? mistake)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("File modes are Unix's.");
            return;
        }

        var file = Path.Combine(_directory.FullName, "token");
        File.WriteAllText(file, new string('t', length) + "\n");
        File.SetUnixFileMode(file, mode);

        var mistakes = MachineChecks.FindMistakes(Options() with { AdminTokenFile = file });

        Assert.Equal(mistake is null ? [] : [$"Prismatic:AdminTokenFile is {file}, {mistake}"], mistakes);
    }

    [Fact]
    public void A_lesson_key_that_is_too_short_is_told_by_its_length()
    {
        var file = Path.Combine(_directory.FullName, "key");
        File.WriteAllText(file, "planted-7f3a");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        }

        Assert.Equal(
            $"Prismatic:LessonKeyFile is {file}, which holds a key of 12 characters; it must have 32 or more.",
            Assert.Single(MachineChecks.FindMistakes(Options() with { LessonKeyFile = file })));
    }

    [Fact]
    public void A_silo_that_is_to_ask_Kubernetes_and_is_in_no_pod_says_what_it_misses() => Assert.Equal(
        "Prismatic:KubernetesHosting is true, and POD_NAME, POD_NAMESPACE, POD_IP, ORLEANS_SERVICE_ID, ORLEANS_CLUSTER_ID are not set in the environment; infra/kubernetes/components/hosting sets them.",
        Assert.Single(MachineChecks.FindMistakes(Options() with { KubernetesHosting = true })));

    [Fact]
    public void A_missing_token_file_is_named()
    {
        var file = Path.Combine(_directory.FullName, "missing");

        Assert.StartsWith(
            $"Prismatic:AdminTokenFile is {file}, which cannot be read:",
            Assert.Single(MachineChecks.FindMistakes(Options() with { AdminTokenFile = file })),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Database=prismatic;Username=prismatic;Password=planted-7f3a\n", null)]
    [InlineData("Host=db;Password=planted-7f3a", "which holds what is not a connection string such as Host=db;Database=prismatic;Username=prismatic, which names a host and a database. It is not shown, since it may hold a password.")]
    public void A_file_with_a_connection_string_is_checked_without_being_repeated(string content, string? mistake)
    {
        var file = Path.Combine(_directory.FullName, "connection");
        File.WriteAllText(file, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        }

        var mistakes = MachineChecks.FindMistakes(Options() with { ConnectionStringFile = file, DataDirectory = "/dev/null/not-used" });

        Assert.Equal(mistake is null ? [] : [$"Prismatic:ConnectionStringFile is {file}, {mistake}"], mistakes);
    }

    private SiloOptions Options() => new()
    {
        DataDirectory = _directory.FullName,
        SiloPort = FreePort.Find(),
        GatewayPort = FreePort.Find(),
        Urls = ["http://127.0.0.1:0"],
    };
}
