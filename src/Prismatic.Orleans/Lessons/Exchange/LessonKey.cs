namespace Prismatic.Lessons;

/// <summary>The secret that lesson files are signed and checked with; clusters that exchange lessons share it.</summary>
internal sealed class LessonKey(byte[]? secret)
{
    /// <summary>The secret.</summary>
    /// <exception cref="InvalidOperationException">None is set.</exception>
    public byte[] Secret() => secret
        ?? throw new InvalidOperationException("Lessons are exchanged in signed files, and this cluster has no key for them: set SupervisionOptions.LessonKey to the same 32 bytes or more on both sides.");
}
