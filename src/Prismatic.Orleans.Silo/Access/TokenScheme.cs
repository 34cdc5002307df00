using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Prismatic.Silo;

internal sealed class TokenSchemeOptions : AuthenticationSchemeOptions
{
    /// <summary>The token that programs must send; null when none may enter.</summary>
    public string? Token { get; set; }
}

/// <summary>Lets a program in that sends the configured token as <c>Authorization: Bearer …</c>.</summary>
internal sealed class TokenSchemeHandler(IOptionsMonitor<TokenSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<TokenSchemeOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate(Request.Headers.Authorization.ToString()));

    private AuthenticateResult Authenticate(string header)
    {
        if (Options.Token is null || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        // Hashes have one length, so that the comparison tells nothing about the token's.
        var offered = SHA256.HashData(Encoding.UTF8.GetBytes(header[Prefix.Length..].Trim()));
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(Options.Token));
        if (!CryptographicOperations.FixedTimeEquals(offered, expected))
        {
            return AuthenticateResult.Fail("The token is not the configured one.");
        }

        var program = new ClaimsIdentity([new Claim(ClaimTypes.Name, "token")], Scheme.Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(program), Scheme.Name));
    }
}
