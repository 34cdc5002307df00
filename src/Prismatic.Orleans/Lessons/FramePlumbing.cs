namespace Prismatic.Lessons;

/// <summary>Which frames say nothing about the failure: they stand between any two methods of any program.</summary>
internal static class FramePlumbing
{
    private static readonly string[] Runtime =
    [
        "System.Runtime.",
        "System.Threading.",
        "System.Reflection.",
        "System.RuntimeMethodHandle.",
        "System.RuntimeType.",
        "System.Activator.",
        "System.ThrowHelper.",
        "System.Dynamic.",
        "System.Environment.get_StackTrace",
        "System.AppDomain.",
        "Interop.",
        "Internal.",
    ];

    private static readonly string[] Host =
    [
        "Orleans.",
        "OrleansCodeGen.",
        "Microsoft.AspNetCore.",
        "Microsoft.Extensions.Hosting.",
        "Microsoft.Extensions.DependencyInjection.",
        "Microsoft.Owin.",
        "Castle.DynamicProxy.",
        "Grpc.AspNetCore.",
        "Grpc.Shared.Server.",
        "MediatR.",
        "NLog.Web.",
        "Polly.",
        "Serilog.AspNetCore.",
        "Swashbuckle.AspNetCore.",
        "System.Web.",
        "System.Windows.",
        "Prismatic.Breakers.",
        "Prismatic.Drills.",
        "Prismatic.Events.",
        "Prismatic.Introspection.",
        "Prismatic.Lessons.",
        "Prismatic.Mailbox.",
        "Prismatic.Remediation.",
        "Prismatic.Runtime.",
        "Prismatic.Storage.",
        "Prismatic.Supervision.",
        "Prismatic.Telemetry.",
    ];

    /// <summary>The runtime's way from one method to the next: awaiting, dispatching, reflecting, throwing.</summary>
    public static bool IsRuntime(string frame) => StartsWithAny(frame, Runtime);

    /// <summary>What hosts the code: Orleans, ASP.NET Core, window toolkits, and supervision itself.</summary>
    public static bool IsHost(string frame) => StartsWithAny(frame, Host);

    private static bool StartsWithAny(string frame, string[] prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (frame.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
