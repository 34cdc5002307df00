using Orleans.Configuration;
using Orleans.Hosting;

namespace Prismatic.Silo;

/// <summary>
/// How long a silo that stops waits for messages. Orleans' own is not at all, for both: then a request that arrives at its gateway, or is passed on from an
/// activation that ends, while messaging shuts down gets no answer, not even a refusal, and its caller waits for its whole response timeout (30 s).
/// </summary>
internal static class LeavingSettings
{
    /// <summary>
    /// From telling the clients that they are to use another gateway to the end of the first activation. What they had sent before is served as ever.
    /// </summary>
    public static readonly TimeSpan Notice = TimeSpan.FromSeconds(1);

    /// <summary>From the end of the last activation to the end of messaging: requests that waited for it find their new place, answers leave.</summary>
    public static readonly TimeSpan LastMessages = TimeSpan.FromMilliseconds(500);

    public static ISiloBuilder UseLeavingSettings(this ISiloBuilder silo) => silo.Configure<SiloMessagingOptions>(messaging =>
    {
        messaging.ClientGatewayShutdownNotificationTimeout = Notice;
        messaging.WaitForMessageToBeQueuedForOutboundTime = LastMessages;
    });
}
