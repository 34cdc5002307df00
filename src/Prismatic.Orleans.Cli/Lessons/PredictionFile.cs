using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Prismatic.Lessons;

namespace Prismatic.Cli.Lessons;

/// <summary>What the lessons made of one crash.</summary>
internal sealed record Prediction(string Id, string Group, FailureClass Class);

/// <summary>A file of predictions, one in each line.</summary>
internal static class PredictionFile
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Writes each prediction as one line.</summary>
    public static void Write(TextWriter writer, IEnumerable<Prediction> predictions)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (var prediction in predictions)
        {
            writer.Write(JsonSerializer.Serialize(prediction, Form));
            writer.Write('\n');
        }
    }

    /// <summary>Writes the file whole: one that was there stays as it was until the new one is complete.</summary>
    /// <exception cref="CommandFailedException">It cannot be written.</exception>
    public static void Write(string path, IEnumerable<Prediction> predictions)
    {
        var unfinished = path + ".unfinished";
        try
        {
            using (var writer = new StreamWriter(unfinished))
            {
                Write(writer, predictions);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CommandFailedException(ExitCode.WrongUse, $"The predictions cannot be written to {path}: {e.Message}");
        }
    }
}
