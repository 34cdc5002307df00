using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Prismatic.Runtime;

namespace Prismatic.Remediation;

/// <summary>Where the rule file is, and how often it is looked at.</summary>
internal sealed record RuleFileSettings(string Path)
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
}

/// <summary>
/// Reads the rule file when the silo starts and whenever it changed, and hands its rules to the registry, which all silos have. The file is
/// compared by its content, not watched: what a ConfigMap mounts changes by a link, which watchers miss. Of a file with a mistake nothing
/// takes effect, and the rules that were in force stay. Where silos have different files, the one that changed last holds.
/// </summary>
internal sealed partial class RuleFileFeed(
    RuleFileSettings settings,
    LocalRules rules,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<RuleFileFeed> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private byte[]? _seen;
    private Task _watch = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(RuleFileFeed), ServiceLifecycleStage.Active + 1, Start, Stop);

    public void Dispose() => _stopping.Dispose();

    /// <summary>Reads the file; true when its rules were handed over.</summary>
    internal async Task<bool> Look()
    {
        byte[] bytes;
        try
        {
            bytes = await ReadBytes(settings.Path, _stopping.Token);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            if (_seen is not [])
            {
                _seen = [];
                LogNotRead(missing, settings.Path);
            }

            return false;
        }

        var hash = SHA256.HashData(bytes);
        if (_seen is not null && _seen.AsSpan().SequenceEqual(hash))
        {
            return false;
        }

        var content = RuleFile.Read(bytes, rules.Table.Rules);
        if (!content.IsValid)
        {
            _seen = hash;
            var sentences = string.Join(" ", content.Errors);
            LogRefused(settings.Path, content.Errors.Length, sentences);
            return false;
        }

        return await HandOver(content.Rules, hash);
    }

    private async Task<bool> HandOver(ImmutableArray<RemediationRule> read, byte[] hash)
    {
        try
        {
            var receipt = await grains.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).ReplaceFile(read);
            _seen = hash;
            var have = receipt.Silos.Count(silo => silo.Version >= receipt.Version);
            LogInForce(settings.Path, read.Length, receipt.Version, have, receipt.Silos.Length);
            return true;
        }
        catch (ArgumentException refused)
        {
            _seen = hash;
            LogRefused(settings.Path, 1, refused.Sentence());
            return false;
        }
        catch (Exception away) when (!_stopping.IsCancellationRequested)
        {
            // The registry is away: the file is handed over when it is back.
            LogNotTaken(away, settings.Path);
            return false;
        }
    }

    private async Task Start(CancellationToken cancellation)
    {
        await Look();
        _watch = Watch();
    }

    private async Task Stop(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _watch;
    }

    private async Task Watch()
    {
        try
        {
            while (true)
            {
                await Task.Delay(RuleFileSettings.LookEvery, time, _stopping.Token);
                await Look();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo is stopping.
        }
    }

    /// <summary>One byte more than a file may have, so that one that is too long is seen to be.</summary>
    private static async Task<byte[]> ReadBytes(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        using var read = new MemoryStream();
        var block = new byte[64 * 1024];
        int length;
        while (read.Length <= RuleFile.MaxBytes && (length = await file.ReadAsync(block, cancellation)) > 0)
        {
            read.Write(block, 0, length);
        }

        return read.ToArray();
    }

    [LoggerMessage(EventName = "RuleFileInForce", Level = LogLevel.Information, Message = "The rule file {Path} with {Rules} rules is in force from table version {Version} on; {Have} of {Silos} silos have it.")]
    private partial void LogInForce(string path, int rules, long version, int have, int silos);

    [LoggerMessage(EventName = "RuleFileRefused", Level = LogLevel.Error, Message = "The rule file {Path} has {Mistakes} mistakes, and nothing of it takes effect; the rules that were in force stay. {Errors}")]
    private partial void LogRefused(string path, int mistakes, string errors);

    [LoggerMessage(EventName = "RuleFileNotRead", Level = LogLevel.Error, Message = "The rule file {Path} cannot be read; the rules that were in force stay, and it is tried again.")]
    private partial void LogNotRead(Exception exception, string path);

    [LoggerMessage(EventName = "RuleFileNotTaken", Level = LogLevel.Warning, Message = "The registry did not take the rule file {Path}; it is handed over again.")]
    private partial void LogNotTaken(Exception exception, string path);
}
