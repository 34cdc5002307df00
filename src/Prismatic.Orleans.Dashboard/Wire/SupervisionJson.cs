using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Prismatic.Dashboard;

/// <summary>The JSON of this API, independent of what the host has configured for its own.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict, MaxDepth = 16)]
[JsonSerializable(typeof(TreeWire))]
[JsonSerializable(typeof(HotspotWire[]))]
[JsonSerializable(typeof(LessonPageWire))]
[JsonSerializable(typeof(LessonDetailWire))]
[JsonSerializable(typeof(StatisticsWire))]
[JsonSerializable(typeof(RuleWire[]))]
[JsonSerializable(typeof(TicketWire[]))]
[JsonSerializable(typeof(ResolvedWire))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(DrillWire))]
[JsonSerializable(typeof(BreakerWire[]))]
[JsonSerializable(typeof(ActionRequest))]
[JsonSerializable(typeof(ActionWire))]
[JsonSerializable(typeof(AuditPageWire))]
[JsonSerializable(typeof(ReasonRequest))]
[JsonSerializable(typeof(DeadLetterPageWire))]
[JsonSerializable(typeof(DeadLetterWire))]
[JsonSerializable(typeof(LessonEditRequest))]
[JsonSerializable(typeof(LessonAuditWire[]))]
[JsonSerializable(typeof(LessonImportWire))]
[JsonSerializable(typeof(ModeRequest))]
[JsonSerializable(typeof(ModeWire))]
[JsonSerializable(typeof(ReceiptWire))]
[JsonSerializable(typeof(TrialRequest))]
[JsonSerializable(typeof(TrialWire))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class SupervisionJson : JsonSerializerContext
{
    public static IResult Ok<T>(T value, JsonTypeInfo<T> type) => TypedResults.Json(value, type);
}

/// <summary>Writes an enumeration's names with a small first letter: <c>oneForOne</c>.</summary>
internal sealed class CamelCaseName<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
