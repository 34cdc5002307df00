using System.Net;
using System.Net.Sockets;

namespace Prismatic.Domains.Security;

/// <summary>
/// What the scanner may touch: loopback and private addresses, and what the host's options name. A name that is not named there is
/// refused before it is looked up, since looking it up would already ask somebody.
/// </summary>
internal static class TargetRules
{
    public static bool IsAllowed(string host, ISet<string> allowed) =>
        allowed.Contains(host)
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IsPrivate(address));

    internal static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPrivate(address.MapToIPv4());
        }

        if (address.AddressFamily is AddressFamily.InterNetworkV6)
        {
            return IPAddress.IsLoopback(address) || address.IsIPv6UniqueLocal;
        }

        // Not 169.254.0.0/16: clouds serve credentials there.
        return address.GetAddressBytes() is [127 or 10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..];
    }
}
