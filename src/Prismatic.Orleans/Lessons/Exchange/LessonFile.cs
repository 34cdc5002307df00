using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Prismatic.Files;
using Prismatic.Remediation;

namespace Prismatic.Lessons;

/// <summary>
/// The file in which lessons travel between clusters: JSON of version 1, signed with HMAC-SHA256 over its version, its time and the bytes of
/// its lessons as they stand there. It is data: nothing in it can name code to run, and an action is one of the five or a mistake.
/// </summary>
internal static class LessonFile
{
    /// <summary>What the file says it is.</summary>
    public const string Format = "prismatic-lessons";

    /// <summary>The version this build writes, and the only one it reads.</summary>
    public const int Version = 1;

    /// <summary>The longest file, in bytes.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int Deepest = 16;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether another cluster gains by a lesson.</summary>
    public static bool IsWorthExporting(Lesson lesson) => lesson.Remediation is not null && lesson.Signatures.Length > 0;

    /// <summary>The file's text.</summary>
    public static string Write(ImmutableArray<Lesson> lessons, byte[] secret, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartArray();
            foreach (var lesson in lessons)
            {
                Write(writer, lesson);
            }

            writer.WriteEndArray();
        }

        var body = buffer.ToArray();
        var exportedAt = now.ToString("O", CultureInfo.InvariantCulture);
        return $$"""
            {
            "format": "{{Format}}",
            "version": {{Version}},
            "exportedAt": "{{exportedAt}}",
            "signature": "{{Sign(secret, Version, exportedAt, body)}}",
            "lessons": {{Encoding.UTF8.GetString(body)}}
            }

            """;
    }

    /// <summary>The lessons of a file, or everything that is wrong with it; never both.</summary>
    public static (ImmutableArray<ImportedLesson> Lessons, ImmutableArray<string> Mistakes) Read(string file, byte[] secret)
    {
        ArgumentNullException.ThrowIfNull(file);
        var bytes = Encoding.UTF8.GetBytes(file);
        if (bytes.Length > MaxBytes)
        {
            return ([], [$"line 1: the file has {bytes.Length} bytes; it may have {MaxBytes}."]);
        }

        LocatedJson root;
        try
        {
            root = LocatedJson.Parse(bytes, Deepest);
        }
        catch (NotJsonException wrong)
        {
            return ([], [$"line {wrong.Line}: the file is not JSON: {wrong.Message}."]);
        }

        var reader = new LessonFileReader();
        var lessons = reader.Lessons(root, (version, exportedAt, body) => Sign(secret, version, exportedAt, body.Span));
        return reader.Mistakes.Count == 0 ? (lessons, []) : ([], [.. reader.Mistakes]);
    }

    /// <summary>The signature over what a file says.</summary>
    public static string Sign(byte[] secret, long version, string exportedAt, ReadOnlySpan<byte> lessons)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Format}\n{version}\n{exportedAt}\n")));
        mac.AppendData(lessons);
        return Convert.ToBase64String(mac.GetHashAndReset());
    }

    private static void Write(Utf8JsonWriter writer, Lesson lesson)
    {
        writer.WriteStartObject();
        writer.WriteString("id", lesson.Id);
        writer.WriteString("failureMode", lesson.FailureMode);
        writer.WriteString("class", lesson.Class.ToString());
        writer.WriteString("workerType", lesson.WorkerType);
        writer.WriteString("rootCause", lesson.RootCause);
        writer.WriteString("answeredBy", lesson.AnsweredBy);
        writer.WriteString("origin", lesson.Origin.ToString());
        writer.WriteStartArray("signatures");
        foreach (var signature in lesson.Signatures)
        {
            writer.WriteStringValue(signature);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("remediation");
        writer.WriteString("action", lesson.Remediation!.Name);
        switch (lesson.Remediation)
        {
            case RestartWithBackoff restart:
                writer.WriteNumber("firstSeconds", restart.First.TotalSeconds);
                writer.WriteNumber("initialSeconds", restart.Initial.TotalSeconds);
                writer.WriteNumber("maxSeconds", restart.Max.TotalSeconds);
                writer.WriteNumber("factor", restart.Factor);
                writer.WriteString("jitter", restart.Jitter.ToString());
                writer.WriteNumber("giveUpAfter", restart.GiveUpAfter);
                break;
            case RedirectToFallback redirect:
                writer.WriteNumber("durationSeconds", redirect.Duration.TotalSeconds);
                break;
            case CircuitBreak circuit:
                writer.WriteNumber("durationSeconds", circuit.Duration.TotalSeconds);
                if (circuit.Target is { } target)
                {
                    writer.WriteString("target", target);
                }

                break;
            case Escalate escalate:
                writer.WriteString("reason", escalate.Reason);
                break;
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
