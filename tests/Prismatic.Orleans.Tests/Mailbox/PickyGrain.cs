using System.Collections.Concurrent;

namespace Prismatic.Tests.Mailbox;

/// <summary>A worker that cannot digest some requests until it is mended.</summary>
public interface IPickyGrain : IGrainWithStringKey
{
    Task<int> Take(string text);

    Task<int> Enter(Login login);

    Task<int> Other();
}

/// <summary>A request with a secret in it.</summary>
[GenerateSerializer, Immutable, Alias("test.Login")]
public sealed record Login([property: Id(0)] string User, [property: Id(1)] string Password);

/// <summary>What the worker cannot digest.</summary>
internal sealed class Menu
{
    public ConcurrentDictionary<string, bool> Indigestible { get; } = new();
}

internal sealed class PickyGrain(Menu menu) : Grain, IPickyGrain
{
    private int _served;

    public Task<int> Take(string text) => Serve(text);

    public Task<int> Enter(Login login) => Serve(login.User);

    public Task<int> Other() => Task.FromResult(++_served);

    private Task<int> Serve(string text) =>
        menu.Indigestible.ContainsKey(text) ? throw new FormatException($"cannot digest '{text}'; contact ops@example.com") : Task.FromResult(++_served);
}
