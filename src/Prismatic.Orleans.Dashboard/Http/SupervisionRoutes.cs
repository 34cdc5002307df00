namespace Prismatic.Dashboard;

internal static class SupervisionRoutes
{
    public const string Root = "/admin/supervision";
}
