using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;

namespace Prismatic.Silo.Demo;

/// <summary>The invented company of the sample lists, and what three invented registers say of it.</summary>
internal static class Company
{
    public const string Register = "/register";
    public const string Accounts = "/accounts";
    public const string Court = "/court";

    public static EntityRecord Subject { get; } = new()
    {
        Id = "acme",
        Name = "Acme Trading s.r.o.",
        Kind = EntityKind.Company,
        Country = "cz",
        Identifiers = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("ico", "90000017"),
    };

    public static IReadOnlyDictionary<string, object[]> OpenRegisters { get; } = new Dictionary<string, object[]>
    {
        [Register] = [new { id = "90000017", name = Subject.Name, ico = "90000017", country = "cz", owner = "Acme Trading Holding Limited" }],
        [Accounts] = [new { id = "2025", name = Subject.Name, ico = "90000017", year = 2025, equity = -120_000, risk = "0.4" }],
    };

    public static IReadOnlyDictionary<string, object[]> CourtRegister { get; } = new Dictionary<string, object[]>
    {
        [Court] = [new { id = "12-C-7-2024", name = Subject.Name, ico = "90000017", role = "defendant", risk = "0.3" }],
    };

    /// <summary>A register at a port. The port is part of the slug: a slug belongs to one address for good.</summary>
    public static AdapterInfo Adapter(string path, string category, int port) => new()
    {
        Slug = $"{path.TrimStart('/')}-{port}",
        Name = $"Invented {path.TrimStart('/')}",
        Category = category,
        Kind = AdapterKind.HttpJson,
        Address = $"http://127.0.0.1:{port}{path}",
        Inputs = [InputKind.Company],
    };
}

/// <summary>The registers of this run, by slug.</summary>
internal sealed record Registers(string Register, string Accounts, string Court, int CourtPort)
{
    public IReadOnlyList<string> All => [Register, Accounts, Court];

    public OsintQuery Question { get; } = new() { Kind = InputKind.Company, Text = Company.Subject.Name };
}
