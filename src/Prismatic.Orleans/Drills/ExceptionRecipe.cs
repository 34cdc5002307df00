using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Prismatic.Runtime;

namespace Prismatic.Drills;

/// <summary>
/// An exception that a drill throws. Its type must be one that the process has and that anybody could throw with a message; it is made new
/// for each throw. Only whoever may start a drill can name a type here: nothing that a crash or a lesson says gets this far.
/// </summary>
internal sealed record ExceptionRecipe
{
    public required string Type { get; init; }

    public required string Message { get; init; }

    /// <summary>A code for types that have one: a SocketError, an HTTP status, a SQLSTATE, a parameter's name.</summary>
    public string? Code { get; init; }

    public ExceptionRecipe? Inner { get; init; }

    /// <summary>The frames it seems to come from, innermost first; null: the turn that it is thrown in.</summary>
    public string? Stack { get; init; }

    /// <summary>Makes one that looks thrown by <paramref name="frame"/> and says that a drill threw it.</summary>
    public Exception Make(string frame, string mark)
    {
        var exception = Build();
        exception.Data[DrillMarks.Fault] = mark;
        return ExceptionDispatchInfo.SetRemoteStackTrace(exception, Stack ?? frame);
    }

    /// <summary>What is wrong with the recipe, in a sentence, or null.</summary>
    public string? FindMistake()
    {
        if (Type.Length == 0 || ExceptionTypes.Find(Type) is not { } type)
        {
            return $"the type '{Type}' is not known to this process; it must be the full name of an exception type, such as System.TimeoutException";
        }

        if (!typeof(Exception).IsAssignableFrom(type) || type.IsAbstract || type.ContainsGenericParameters)
        {
            return $"'{Type}' is not an exception that can be thrown";
        }

        if (Inner?.FindMistake() is { } inner)
        {
            return inner;
        }

        try
        {
            Build();
            return null;
        }
        catch (Exception failure) when (failure is MissingMethodException or FormatException or ArgumentException or TargetInvocationException)
        {
            return $"'{Type}' cannot be made with this message{(Code is null ? "" : $" and the code '{Code}'")}: {(failure.InnerException ?? failure).Message}";
        }
    }

    private Exception Build()
    {
        var type = ExceptionTypes.Find(Type) ?? throw new MissingMethodException($"There is no exception type '{Type}'.");
        var constructor = type.GetConstructors()
            .Select(candidate => (Candidate: candidate, Score: Score(candidate.GetParameters())))
            .Where(candidate => candidate.Score >= 0)
            .OrderByDescending(candidate => candidate.Score)
            .ThenBy(candidate => candidate.Candidate.GetParameters().Length)
            .Select(candidate => candidate.Candidate)
            .FirstOrDefault() ?? throw new MissingMethodException("it has no public constructor that takes a message");
        return (Exception)constructor.Invoke([.. constructor.GetParameters().Select(Argument)]);
    }

    /// <summary>How much of the recipe a constructor takes; negative when it wants what the recipe does not have.</summary>
    private int Score(ParameterInfo[] parameters)
    {
        var score = 0;
        foreach (var parameter in parameters)
        {
            var part = PartOf(parameter);
            if (part == Part.None && !parameter.HasDefaultValue)
            {
                return -1;
            }

            score += part switch
            {
                Part.Message => 4,
                Part.Code => Code is null ? (parameter.HasDefaultValue ? 0 : -100) : 8,
                Part.Inner => Inner is null ? 0 : 8,
                _ => 0,
            };
        }

        return score;
    }

    private object? Argument(ParameterInfo parameter) => PartOf(parameter) switch
    {
        Part.Message => Message,
        Part.Inner => Inner?.Build(),
        Part.Severity => "ERROR",
        Part.Code when Code is not null => CodeAs(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType),
        _ => parameter.HasDefaultValue ? parameter.DefaultValue : null,
    };

    private object CodeAs(Type type)
    {
        if (type == typeof(string))
        {
            return Code!;
        }

        if (type.IsEnum)
        {
            return Enum.Parse(type, Code!, ignoreCase: true);
        }

        return int.TryParse(Code, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : (int)Enum.Parse<SocketError>(Code!, ignoreCase: true);
    }

    private static Part PartOf(ParameterInfo parameter)
    {
        var name = parameter.Name ?? "";
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (type == typeof(string))
        {
            return name.Contains("message", StringComparison.OrdinalIgnoreCase) ? Part.Message
                : name.Equals("paramName", StringComparison.OrdinalIgnoreCase) || name.Equals("sqlState", StringComparison.OrdinalIgnoreCase) ? Part.Code
                : name.Contains("severity", StringComparison.OrdinalIgnoreCase) ? Part.Severity
                : Part.None;
        }

        if (type == typeof(Exception))
        {
            return Part.Inner;
        }

        var isCode = type.IsEnum || (type == typeof(int) && (name.Contains("code", StringComparison.OrdinalIgnoreCase) || name.Contains("error", StringComparison.OrdinalIgnoreCase) || name == "hresult"));
        return isCode ? Part.Code : Part.None;
    }

    private enum Part
    {
        None,
        Message,
        Code,
        Inner,
        Severity,
    }
}

/// <summary>Keys under which drills mark what they did.</summary>
internal static class DrillMarks
{
    /// <summary>In an exception's data: the fault that threw it.</summary>
    public const string Fault = "prismatic.drill";

    /// <summary>In the request context of a call that a drill makes: child, ordinal and when it was due.</summary>
    public const string Call = "prismatic.drill.call";

    /// <summary>The fault that threw <paramref name="exception"/>, or null.</summary>
    public static string? Of(Exception exception) => CrashOrigin.Read(exception, Fault);
}

/// <summary>Exception types by full name, among the assemblies of this process and those of the framework.</summary>
internal static class ExceptionTypes
{
    private static readonly string[] Framework =
    [
        "System.Private.CoreLib", "System.Net.Http", "System.Net.Sockets", "System.Net.Primitives", "System.Net.Security", "System.Net.WebSockets", "System.Net.Requests",
        "System.Net.Mail", "System.Net.NameResolution", "System.Net.Ping", "System.Data.Common", "System.Text.Json", "System.Private.Xml",
        "System.Security.Cryptography", "System.Collections", "System.Threading.Channels", "System.Private.DataContractSerialization",
    ];

    public static Type? Find(string name)
    {
        if (name.Length == 0)
        {
            return null;
        }

        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (!assembly.IsDynamic && assembly.GetType(name) is { IsPublic: true } loaded)
            {
                return loaded;
            }
        }

        return Framework.Concat(Namespaces(name)).Select(assembly => System.Type.GetType($"{name}, {assembly}", throwOnError: false)).FirstOrDefault(type => type is { IsPublic: true });
    }

    /// <summary>The namespaces that a name begins with: assemblies are mostly called like one of them.</summary>
    private static IEnumerable<string> Namespaces(string name)
    {
        for (var cut = name.LastIndexOf('.'); cut > 0; cut = name.LastIndexOf('.', cut - 1))
        {
            yield return name[..cut];
        }
    }
}
