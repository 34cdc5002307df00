namespace Prismatic.Silo.Demo;

/// <summary>A step of the story did not go as told.</summary>
internal sealed class StepFailedException(string message, Exception? inner = null) : Exception(message, inner);
