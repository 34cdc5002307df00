namespace Prismatic.Supervision;

/// <summary>Why an activation of a child ended, in OTP's terms. Idle collection, migration, rebalancing and the stopping of a silo are no exits: nothing is reported.</summary>
[GenerateSerializer, Alias("prismatic.ExitReason")]
public enum ExitReason
{
    /// <summary>The worker said that it is done. OTP's <c>normal</c>.</summary>
    Normal,

    /// <summary>The worker said that it ends in order, or its supervisor asked it to and it ended in time. OTP's <c>shutdown</c>.</summary>
    Shutdown,

    /// <summary>It crashed. OTP's any other reason.</summary>
    Error,

    /// <summary>It did not end in time, or was not given any, and was left behind: what it still writes is refused. OTP's <c>killed</c>.</summary>
    Killed,

    /// <summary>Its silo was lost. Outside all budgets. OTP's <c>noconnection</c>.</summary>
    SiloLost,
}
