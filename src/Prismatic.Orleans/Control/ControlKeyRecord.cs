namespace Prismatic.Control;

/// <summary>The cluster's control key as it is stored.</summary>
[GenerateSerializer, Alias("prismatic.ControlKeyRecord")]
internal sealed class ControlKeyRecord
{
    /// <summary>The version of this shape.</summary>
    [Id(0)] public int Schema { get; set; } = 1;

    /// <summary>The key, in base64.</summary>
    [Id(1)] public string Key { get; set; } = "";
}
