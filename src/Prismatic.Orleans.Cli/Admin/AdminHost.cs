using System.CommandLine;

namespace Prismatic.Cli.Admin;

/// <summary>The running host that a command asks: its address, and the file with its token.</summary>
internal sealed class AdminHost
{
    /// <summary>Where a host listens that nobody told otherwise.</summary>
    public static readonly Uri Standard = new("http://127.0.0.1:8080");

    /// <param name="standard">The address when none is given; null when the command does without a host then.</param>
    /// <param name="description">What the address is for.</param>
    public AdminHost(Uri? standard, string description)
    {
        Endpoint = new Option<Uri?>("--endpoint")
        {
            Description = description,
            HelpName = "url",
            DefaultValueFactory = standard is null ? null : _ => standard,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
                {
                    return url;
                }

                result.AddError($"--endpoint is '{text}'; it must be an address such as {Standard}.");
                return null;
            },
        };
        Token = new Option<FileInfo?>("--token-file") { Description = "The file with the admin token of that host.", HelpName = "file" };
    }

    public Option<Uri?> Endpoint { get; }

    public Option<FileInfo?> Token { get; }

    /// <summary>The host that was named, or null.</summary>
    public async Task<AdminClient?> Named(ParseResult parsed, CancellationToken cancelled)
    {
        if (parsed.GetValue(Endpoint) is not { } endpoint)
        {
            return null;
        }

        var file = parsed.GetValue(Token);
        try
        {
            return new AdminClient(endpoint, file is null ? null : (await File.ReadAllTextAsync(file.FullName, cancelled)).Trim());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.WrongUse, $"{file} cannot be read: {failure.Message}");
        }
    }
}
