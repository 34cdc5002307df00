using Prismatic.Lessons;

namespace Prismatic.Tests.Lessons;

/// <summary>A worker whose arguments, state and exceptions hold secrets.</summary>
public interface ISecretiveGrain : IGrainWithStringKey
{
    Task Open(string connectionString, string token, string password, string email);

    Task<int> Ping();
}

internal sealed class SecretiveGrain : Grain, ISecretiveGrain
{
    [ShownInCrashes]
    public string Connection { get; set; } = "";

    [ShownInCrashes]
    public string Password { get; set; } = "";

    [ShownInCrashes]
    public string Owner { get; set; } = "";

    public string Hidden { get; set; } = "";

    public Task Open(string connectionString, string token, string password, string email)
    {
        (Connection, Password, Owner, Hidden) = (connectionString, password, $"owner {email}", token);
        throw new InvalidOperationException(
            $"Cannot open '{connectionString}' for {email}.",
            new UnauthorizedAccessException($"Authorization: Bearer {token} was refused; password={password}"));
    }

    public Task<int> Ping() => Task.FromResult(1);
}
