using Microsoft.Extensions.Logging;

namespace Prismatic.Remediation;

internal sealed partial class RemediationRegistryGrain
{
    [LoggerMessage(EventName = "RuleRegistered", Level = LogLevel.Information, Message = "Rule {RuleId} ({Origin}) is in force from table version {Version} on; it applies {Action}.")]
    private partial void LogRegistered(string ruleId, RuleOrigin origin, string action, long version);

    [LoggerMessage(EventName = "RuleRemoved", Level = LogLevel.Information, Message = "Rule {RuleId} is removed from table version {Version} on.")]
    private partial void LogRemoved(string ruleId, long version);

    [LoggerMessage(EventName = "RuleLeftOut", Level = LogLevel.Warning, Message = "{Problem} It stays stored; all other rules are in force.")]
    private partial void LogLeftOut(string problem);

    [LoggerMessage(EventName = "RulesNotPublished", Level = LogLevel.Warning, Message = "Rule table version {Version} is stored, but not every silo was told; the others will ask for it.")]
    private partial void LogNotPublished(Exception exception, long version);

    [LoggerMessage(EventName = "RuleFileTaken", Level = LogLevel.Information, Message = "The {Rules} rules of the rule file are in force from table version {Version} on.")]
    private partial void LogFile(int rules, long version);

    [LoggerMessage(EventName = "RemediationSwitched", Level = LogLevel.Warning, Message = "Remediation went from {Before} to {Mode} with table version {Version}: {Reason}")]
    private partial void LogMode(RemediationMode before, RemediationMode mode, long version, string reason);
}
