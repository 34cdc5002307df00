using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;

namespace Prismatic.Silo;

/// <summary>Who may use /admin and /dashboard: a person who followed a one-time link, and a program that has the token.</summary>
internal static class AdminAccess
{
    /// <summary>The policy that every admin endpoint requires, and every endpoint that names none.</summary>
    public const string Policy = "prismatic-admin";

    /// <summary>The scheme of a signed-in person.</summary>
    public const string SessionScheme = "prismatic-session";

    /// <summary>The scheme of a program with the token of <see cref="SiloOptions.AdminTokenFile"/>.</summary>
    public const string TokenScheme = "prismatic-token";

    private const string EitherScheme = "prismatic";
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(12);

    public static IServiceCollection AddAdminAccess(this IServiceCollection services, SiloOptions options)
    {
        services.AddSingleton<SignInLinks>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessRefusals>();

        // Keys that live in memory only: a restart ends all sessions, and no secret lies on the disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services
            .AddAuthentication(EitherScheme)
            .AddPolicyScheme(EitherScheme, displayName: null, either => either.ForwardDefaultSelector = ChooseScheme)
            .AddCookie(SessionScheme, ConfigureSession)
            .AddScheme<TokenSchemeOptions, TokenSchemeHandler>(TokenScheme, token => token.Token = ReadToken(options.AdminTokenFile));

        var policy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
        services.AddAuthorizationBuilder()
            .AddPolicy(Policy, policy)
            .SetDefaultPolicy(policy)

            // Also for paths that lead nowhere: without an answer nobody learns what there is.
            .SetFallbackPolicy(policy);
        return services;
    }

    private static string ChooseScheme(HttpContext context) =>
        context.Request.Headers.Authorization.Count > 0 ? TokenScheme : SessionScheme;

    private static void ConfigureSession(CookieAuthenticationOptions session)
    {
        session.Cookie.Name = SessionScheme;
        session.Cookie.HttpOnly = true;
        session.Cookie.SameSite = SameSiteMode.Strict;
        session.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        session.ExpireTimeSpan = SessionLifetime;
        session.SlidingExpiration = false;
    }

    private static string? ReadToken(string? file) => file is null ? null : File.ReadAllText(file).Trim();
}
