using System.Text.Json.Serialization;
using Prismatic.Lessons;

namespace Prismatic.Dashboard;

/// <summary>A person's answer to a ticket, as it is sent.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ResolveRequest
{
    public const int LongestText = 2000;

    public RemediationRequest? Remediation { get; init; }

    public string? RootCause { get; init; }

    public string? Note { get; init; }

    /// <summary>The error is a sentence that names the member.</summary>
    public (Resolution? Resolution, string? Error) ToResolution(string by)
    {
        if (Remediation is null)
        {
            return (null, "'remediation' is missing; it must be an object such as {\"action\":\"RestartWithBackoff\"}.");
        }

        var (action, error) = Remediation.Read();
        if (action is null)
        {
            return (null, error);
        }

        if (string.IsNullOrWhiteSpace(RootCause) || RootCause.Length > LongestText)
        {
            return (null, $"'rootCause' must say why it happens, in 1 to {LongestText} characters.");
        }

        return Note?.Length > LongestText
            ? (null, $"'note' has {Note.Length} characters; it may have {LongestText}.")
            : (new Resolution { Remediation = action, RootCause = RootCause.Trim(), Note = Note ?? "", By = by }, null);
    }
}
