using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// Writes the last crash of a lesson as a drill: the same exception at the same child and place, and what the lesson expects of it. The
/// message is the redacted one; codes that only a live exception carries are not in it.
/// </summary>
internal static class LessonDrill
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The drill's JSON.</summary>
    public static string Write(Lesson lesson)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            Write(writer, lesson);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, Lesson lesson)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Cut($"lesson {lesson.Id}: {lesson.FailureMode}"));
        writer.WriteNumber("seed", 1);
        writer.WriteString("duration", "10s");
        writer.WriteStartArray("load");
        writer.WriteStartObject();
        writer.WriteString("child", lesson.Child);
        writer.WriteNumber("ratePerSecond", 10);
        writer.WriteString("priority", "normal");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("faults");
        writer.WriteStartObject();
        writer.WriteString("at", "1s");
        writer.WriteString("child", lesson.Child);
        if (lesson.StateDamaged)
        {
            writer.WriteString("where", "state");
            writer.WriteBoolean("corrupt", true);
        }
        else
        {
            writer.WriteString("where", Where(lesson.Trigger));
            writer.WriteString("exception", lesson.Types.FirstOrDefault() ?? "System.InvalidOperationException");
            writer.WriteString("message", lesson.Message);
            writer.WriteNumber("count", 1);
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("expect");
        if (lesson.Remediation is { } works and not Escalate)
        {
            writer.WriteNumber("escalationsAtMost", 0);
            writer.WriteStartObject("remediations");
            writer.WriteNumber(works.Name, 1);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNumber("escalationsAtMost", 1);
        }

        writer.WriteString("recoveredWithin", "10s");
        writer.WriteNumber("bystanderFailuresAtMost", 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Where(CrashTriggerKind trigger) => trigger switch
    {
        CrashTriggerKind.Timer or CrashTriggerKind.Reminder => "timer",
        CrashTriggerKind.Activation => "activation",
        _ => "call",
    };

    private static string Cut(string text) => text.Length <= 200 ? text : text[..200];
}
