using System.Collections.Frozen;

namespace Prismatic.Lessons;

/// <summary>
/// Whose code a frame is: the platform's, a library's, or the program's own. The own frames say which failure it is; the same library
/// throws the same exception for everybody who calls it.
/// </summary>
internal static class FrameOwner
{
    private static readonly FrozenSet<string> Roots = FrozenSet.ToFrozenSet(
    [
        // Platforms.
        "System", "Microsoft", "Windows", "Mono", "MS", "Interop", "Internal", "Android", "AndroidX", "Java", "Xamarin", "Foundation", "UIKit", "ObjCRuntime",
        "UnityEngine", "UnityEditor", "ABI", "WinRT", "FSharp", "Avalonia", "Godot", "Orleans", "OrleansCodeGen", "lambda_method",

        // Stores and their drivers.
        "Npgsql", "MySql", "MySqlConnector", "Oracle", "SQLitePCL", "SQLite", "LiteDB", "LiteDb", "Dapper", "NHibernate", "LinqToDB", "FreeSql", "SqlSugar", "Pomelo",
        "FirebirdSql", "Devart", "IBM", "MongoDB", "StackExchange", "ServiceStack", "Raven", "Voron", "Marten", "Weasel", "Cassandra", "Couchbase", "Elasticsearch", "Elastic",
        "Nest", "OpenSearch", "Lucene", "Examine", "RocksDbSharp", "RocksDb", "Neo4j", "InfluxDB", "ClickHouse", "EventStore", "FASTER", "Realms", "FluentMigrator",

        // Messages, calls and networks.
        "RabbitMQ", "RawRabbit", "EasyNetQ", "MassTransit", "NServiceBus", "Rebus", "Wolverine", "Confluent", "NATS", "Apache", "Amqp", "MQTTnet", "Grpc", "ProtoBuf", "Thrift",
        "RestSharp", "Refit", "Flurl", "Polly", "DotNetty", "MailKit", "MimeKit", "Renci", "FluentFTP", "WebSocketSharp", "Websocket", "SuperSocket", "Fleck", "DnsClient",
        "Amazon", "Azure", "Google", "Minio", "Octokit", "Stripe", "Twilio", "SendGrid", "Telegram", "Discord", "DSharpPlus", "IdentityModel", "IdentityServer4", "OpenIddict",

        // Formats.
        "Newtonsoft", "MessagePack", "Utf8Json", "Jil", "Ceras", "YamlDotNet", "SharpYaml", "Tomlyn", "CsvHelper", "ICSharpCode", "SharpCompress", "DocumentFormat", "ClosedXML",
        "OfficeOpenXml", "NPOI", "HtmlAgilityPack", "AngleSharp", "SixLabors", "SkiaSharp", "SharpDX", "OpenTK", "Silk", "NAudio", "BouncyCastle", "LibGit2Sharp",

        // Frames of a program.
        "Autofac", "Castle", "Ninject", "SimpleInjector", "StructureMap", "Lamar", "DryIoc", "Unity", "Prism", "Caliburn", "ReactiveUI", "DynamicData", "MediatR", "AutoMapper",
        "Mapster", "FluentValidation", "Hangfire", "Quartz", "Topshelf", "Akka", "Proto", "Dapr", "Serilog", "NLog", "log4net", "Sentry", "OpenTelemetry", "Swashbuckle", "Volo", "Abp",
        "ImTools", "Nito", "HotChocolate", "GraphQL", "Umbraco", "Xunit", "NUnit", "Moq", "NSubstitute", "CommandLine", "Spectre", "McMaster",
    ], StringComparer.Ordinal);

    private static readonly FrozenSet<uint> PlatformRoots = FrozenSet.ToFrozenSet([StableHash.Short("System"), StableHash.Short("Microsoft")]);

    /// <summary>Whether a root, by its hash, is that of the platform itself.</summary>
    public static bool IsPlatform(uint root) => PlatformRoots.Contains(root);

    /// <summary>The first segment of a frame's name: the program or library that it belongs to.</summary>
    public static ReadOnlySpan<char> RootOf(ReadOnlySpan<char> frame)
    {
        var dot = frame.IndexOf('.');
        return dot <= 0 ? frame : frame[..dot];
    }

    /// <summary>Whether everybody may call this code.</summary>
    public static bool IsLibrary(ReadOnlySpan<char> frame) => Roots.GetAlternateLookup<ReadOnlySpan<char>>().Contains(RootOf(frame));
}
