namespace Prismatic.Remediation;

/// <summary>Why what the rules say was not done; the crash got the default restart.</summary>
[GenerateSerializer, Alias("prismatic.RemedyHold")]
public enum RemedyHold
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>Remediation is in shadow mode.</summary>
    Shadow,

    /// <summary>The subtree's budget of remedies is used up.</summary>
    Budget,

    /// <summary>Remediation is switched off.</summary>
    Off,
}
