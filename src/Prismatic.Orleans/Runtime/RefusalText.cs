namespace Prismatic.Runtime;

/// <summary>What a refusal says to a person: its sentence, without the name of a parameter that only the program knows.</summary>
internal static class RefusalText
{
    public static string Sentence(this Exception refused)
    {
        var suffix = refused is ArgumentException { ParamName: { } name } ? $" (Parameter '{name}')" : "";
        return suffix.Length > 0 && refused.Message.EndsWith(suffix, StringComparison.Ordinal) ? refused.Message[..^suffix.Length] : refused.Message;
    }
}
