using Microsoft.AspNetCore.Http;

namespace Prismatic.Dashboard;

/// <summary>The API's errors: RFC 9457 problems whose detail is a sentence for the person who asked.</summary>
internal static class Problems
{
    public static IResult Of(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title);

    public static IResult BadQuery(string detail) => Of(StatusCodes.Status400BadRequest, "The query is not valid", detail);

    public static IResult BadBody(string detail) => Of(StatusCodes.Status400BadRequest, "The request body is not valid", detail);

    public static IResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, "Not found", detail);
}
