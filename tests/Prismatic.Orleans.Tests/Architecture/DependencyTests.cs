using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Architecture;

/// <summary>Who may know whom: between projects, and between the features of the library.</summary>
public sealed class DependencyTests
{
    private static readonly Assembly Abstractions = typeof(ControlAttribute).Assembly;
    private static readonly Assembly Library = typeof(SupervisionOptions).Assembly;

    /// <summary>The projects of src, each with the projects it may refer to.</summary>
    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["Prismatic.Orleans.Abstractions"] = [],
        ["Prismatic.Orleans"] = ["Prismatic.Orleans.Abstractions"],
        ["Prismatic.Orleans.Dashboard"] = ["Prismatic.Orleans"],
        ["Prismatic.Orleans.Domains"] = ["Prismatic.Orleans"],
        ["Prismatic.Orleans.Silo"] = ["Prismatic.Orleans.Dashboard", "Prismatic.Orleans.Domains"],
        ["Prismatic.Orleans.Cli"] = ["Prismatic.Orleans.Abstractions", "Prismatic.Orleans", "Prismatic.Orleans.Silo"],
    };

    /// <summary>
    /// The features of the library, each with the features it names as of now, apart from contracts in Abstractions. Removing a line's word
    /// is progress; adding one needs a reason that a grain contract or a seam in Runtime does not serve.
    /// </summary>
    private static readonly Dictionary<string, string[]> Features = new()
    {
        ["Breakers"] = ["Events", "Runtime", "Storage"],
        ["Control"] = ["Runtime", "Storage", "Supervision", "Telemetry"],
        ["Drills"] = ["Breakers", "Events", "Files", "Lessons", "Runtime", "Storage", "Supervision"],
        ["Events"] = ["Runtime"],
        ["Hosting"] = ["Breakers", "Control", "Drills", "Events", "Introspection", "Lessons", "Mailbox", "Remediation", "Runtime", "Storage", "Supervision"],
        ["Introspection"] = ["Breakers", "Runtime", "Supervision"],
        ["Lessons"] = ["Files", "Runtime", "Storage", "Telemetry"],
        ["Mailbox"] = ["Runtime", "Storage", "Telemetry"],
        ["Remediation"] = ["Events", "Files", "Lessons", "Runtime", "Storage"],
        ["Runtime"] = ["Breakers", "Events", "Introspection", "Lessons", "Mailbox", "Remediation", "Storage", "Supervision"],
        ["Storage"] = ["Runtime"],
        ["Supervision"] = ["Events", "Remediation", "Runtime", "Storage", "Telemetry"],
    };

    /// <summary>What a user of the library writes. Everything else is internal.</summary>
    private static readonly string[] PublicTypes =
    [
        "Orleans.Hosting.DrillSiloBuilderExtensions",
        "Orleans.Hosting.SupervisionClientBuilderExtensions",
        "Orleans.Hosting.SupervisionSiloBuilderExtensions",
        "Prismatic.Breakers.ICircuitBreakers",
        "Prismatic.Events.ISupervisionObserver",
        "Prismatic.Events.SupervisionEvent",
        "Prismatic.Events.SupervisionEventKind",
        "Prismatic.Events.SupervisorReport",
        "Prismatic.Events.SupervisorReportContext",
        "Prismatic.Runtime.SupervisionTreeException",
        "Prismatic.Storage.DamagePolicy",
        "Prismatic.Storage.EnvelopeSerializer",
        "Prismatic.Storage.ICheckedState",
        "Prismatic.Storage.ISupervisedState`1",
        "Prismatic.Storage.StateDamagedException",
        "Prismatic.Storage.StateFencedException",
        "Prismatic.Storage.StorageNames",
        "Prismatic.Storage.SupervisedStateAttribute",
        "Prismatic.Supervision.CallRetryOptions",
        "Prismatic.Supervision.SupervisionMode",
        "Prismatic.Supervision.SupervisionOptions",
        "Prismatic.Supervision.SupervisionTreeBuilder",
        "Prismatic.Supervision.SupervisorBuilder",
        "Prismatic.Supervision.TopPolicy",
        "Prismatic.Supervision.WorkerBuilder`1",
        "Prismatic.Supervision.WorkerExits",
    ];

    [Fact]
    public void Contracts_need_Orleans_contracts_and_serialization_and_nothing_that_hosts()
    {
        string[] orleans = ["Orleans.Core.Abstractions", "Orleans.Serialization", "Orleans.Serialization.Abstractions"];
        var others = Abstractions.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("System.Web", StringComparison.Ordinal));

        Findings.MustBeNone(others.Except(orleans));
    }

    [Fact]
    public void Projects_refer_only_downwards()
    {
        var wrong =
            from file in Repository.Files()
            where file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal)
            let project = Path.GetFileNameWithoutExtension(file)
            from reference in XDocument.Parse(Repository.Read(file)).Descendants("ProjectReference")
            let target = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))
            where !Projects.GetValueOrDefault(project, []).Contains(target)
            select $"{project} refers to {target}";

        Findings.MustBeNone(wrong);
    }

    [Fact]
    public void Features_of_the_library_name_no_more_features_than_they_do()
    {
        var uses = (
            from type in Library.GetTypes()
            let feature = FeatureOf(type)
            where feature is not null
            from used in TypeUses.Of(type)
            let other = used.Assembly == Library ? FeatureOf(used) : null
            where other is not null && other != feature
            select (From: feature, To: other, Sample: $"{feature} names {other}: {Outermost(type).Name} names {Outermost(used).Name}")).ToList();
        Assert.NotEmpty(uses);

        var added = uses.Where(use => !Features.GetValueOrDefault(use.From, []).Contains(use.To)).Select(use => use.Sample).Distinct().Order();
        Findings.MustBeNone(added);

        // What is no longer needed goes from the table, so that it cannot come back unseen.
        var gone =
            from feature in Features
            from other in feature.Value
            where !uses.Exists(use => use.From == feature.Key && use.To == other)
            select $"{feature.Key} names {other} no more: take it from the table";
        Findings.MustBeNone(gone);
    }

    [Fact]
    public void The_library_shows_only_what_a_user_writes() =>
        Assert.Equal(PublicTypes, Library.GetExportedTypes().Where(type => !IsGenerated(type)).Select(type => type.FullName!).Order(StringComparer.Ordinal));

    [Fact]
    public void What_the_library_does_not_show_is_sealed()
    {
        var open = Library.GetTypes().Where(type =>
            type is { IsClass: true, IsAbstract: false, IsSealed: false, IsNestedPrivate: false } && FeatureOf(type) is not null
            && !Library.GetTypes().Any(other => other.BaseType == type));

        Findings.MustBeNone(open.Select(type => type.FullName!));
    }

    [Fact]
    public void No_file_outside_the_tests_names_a_package_registry_or_a_path_of_somebodys_machine()
    {
        var hosts = new Regex(@"\b(nuget\.org|npmjs\.(org|com)|pypi\.org|crates\.io|docker\.(io|com)|ghcr\.io|mcr\.microsoft\.com|quay\.io|proxy\.golang\.org)\b", RegexOptions.IgnoreCase);
        var paths = new Regex(@"(?<![\w.~}/-])(/(home|root|Users|work)/\w|[A-Z]:\\Users\\)");
        var found =
            from file in Repository.Files()
            where !file.StartsWith("tests/", StringComparison.Ordinal)
            from line in Repository.Read(file).Split('\n').Select((text, index) => (Text: text, Number: index + 1))
            where hosts.IsMatch(line.Text) || paths.IsMatch(line.Text)
            select $"{file}:{line.Number}: {line.Text.Trim()}";

        Findings.MustBeNone(found);
    }

    /// <summary>A feature is the last part of a namespace; null for what compilers generate.</summary>
    private static string? FeatureOf(Type type)
    {
        var name = Outermost(type).Namespace ?? "";
        return IsGenerated(type) || !(name.StartsWith("Prismatic.", StringComparison.Ordinal) || name == "Orleans.Hosting")
            ? null
            : name[(name.LastIndexOf('.') + 1)..];
    }

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static bool IsGenerated(Type type)
    {
        var outer = Outermost(type);
        return outer.Namespace is null || outer.Namespace.StartsWith("OrleansCodeGen", StringComparison.Ordinal) || outer.Name.StartsWith('<')
            || outer.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute));
    }
}
