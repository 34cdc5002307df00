using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Prismatic.Domains.Osint.Adapters;

/// <summary>What a TLS endpoint showed.</summary>
internal sealed record TlsFacts(
    string Protocol,
    string Cipher,
    string Subject,
    string Issuer,
    string[] Names,
    DateTimeOffset NotAfter,
    SslPolicyErrors Errors,
    byte[] Certificate)
{
    /// <summary>Connects, shakes hands whatever the certificate is worth, and hangs up. A refused connection or handshake is thrown.</summary>
    public static async Task<TlsFacts> Obtain(string host, int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, cancellationToken);
        var errors = SslPolicyErrors.None;
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
#pragma warning disable CA5359 // The handshake is made to inspect the certificate; nothing is sent over it, and the errors are reported.
                RemoteCertificateValidationCallback = (_, _, _, found) =>
                {
                    errors = found;
                    return true;
                },
#pragma warning restore CA5359
            },
            cancellationToken);
        using var certificate = X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames());
        return new TlsFacts(
            tls.SslProtocol.ToString(),
            tls.NegotiatedCipherSuite.ToString(),
            certificate.Subject,
            certificate.Issuer,
            [.. names],
            certificate.NotAfter.ToUniversalTime(),
            errors,
            certificate.RawData);
    }
}
