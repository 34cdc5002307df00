namespace Prismatic.Supervision;

/// <summary>Which children a supervisor restarts when one of them crashes. The names and the rules are OTP's.</summary>
[GenerateSerializer, Alias("prismatic.RestartStrategy")]
public enum RestartStrategy
{
    /// <summary>Only the crashed child. For children that do not depend on each other.</summary>
    OneForOne,

    /// <summary>The crashed child and those started after it, stopped in reverse order and started in order. For children that build on the earlier ones.</summary>
    RestForOne,

    /// <summary>All children, stopped in reverse order and started in order. For children that are only right together.</summary>
    OneForAll,
}
