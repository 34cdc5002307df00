using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prismatic.Runtime;

namespace Prismatic.Dashboard;

internal static class LessonEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/lessons", List)
            .WithSummary("Lessons, newest first, a page at a time.")
            .Produces<LessonPageWire>().ProducesProblem(400).ProducesProblem(503);
        api.MapGet("/lessons/statistics", Statistics)
            .WithSummary("Figures since the first start. Rates are fractions; a rate over nothing is null.")
            .Produces<StatisticsWire>().ProducesProblem(503);
        api.MapGet("/lessons/{id}", One)
            .WithSummary("One lesson with its last crash.")
            .Produces<LessonDetailWire>().ProducesProblem(404).ProducesProblem(503);
        LessonChangeEndpoints.Map(api);
    }

    private static async Task<IResult> List(
        [Description("Text that failure mode, child or root cause contains, ignoring case; at most 200 characters.")] string? query,
        [Description("StateCorruption, ExternalDependency, ResourceExhaustion or LogicError.")] string? @class,
        [Description("At most this many, 1 to 500; 50 when left out.")] string? limit,
        [Description("The value of next of the page before.")] string? cursor,
        SupervisionGrains grains,
        CancellationToken stop)
    {
        var (selection, error) = LessonSelection.Parse(query, @class, limit, cursor);
        if (selection is null)
        {
            return Problems.BadQuery(error!);
        }

        try
        {
            var page = await grains.Lessons(selection, stop);
            return SupervisionJson.Ok(WireMapping.ToWire(page), SupervisionJson.Default.LessonPageWire);
        }
        catch (ArgumentException refused)
        {
            return Problems.BadQuery($"'cursor' or 'limit' was refused; start again without a cursor. {refused.Sentence()}");
        }
    }

    private static async Task<IResult> Statistics(SupervisionGrains grains, CancellationToken stop) =>
        SupervisionJson.Ok(WireMapping.ToWire(await grains.Statistics(stop)), SupervisionJson.Default.StatisticsWire);

    private static async Task<IResult> One(string id, HttpContext context, SupervisionGrains grains, CancellationToken stop)
    {
        var exact = RawSegment.Read(context, fromEnd: 0);
        var lesson = await grains.Lesson(exact, stop);
        return lesson is null
            ? Problems.NotFound($"There is no lesson '{exact}'.")
            : SupervisionJson.Ok(WireMapping.ToDetail(lesson), SupervisionJson.Default.LessonDetailWire);
    }
}
