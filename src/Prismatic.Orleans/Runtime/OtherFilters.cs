using Microsoft.Extensions.DependencyInjection;

namespace Prismatic.Runtime;

/// <summary>
/// The filters around <see cref="SupervisionCallFilter"/>, in the order of registration. A filter of the service that stands outside may look
/// for exceptions and must then see them thrown; ours do not.
/// </summary>
internal sealed class OtherFilters(IServiceProvider services)
{
    // Asked for late: the filters are made with services of which this is one.
    private readonly Lazy<(bool OutsideAreOurs, bool NoneInside)> _around = new(() => Around([.. services.GetServices<IIncomingGrainCallFilter>()]));

    /// <summary>Whether only this library's filters stand outside.</summary>
    public bool OutsideAreOurs => _around.Value.OutsideAreOurs;

    /// <summary>Whether no filter of the silo stands between supervision and the grain.</summary>
    public bool NoneInside => _around.Value.NoneInside;

    private static (bool OutsideAreOurs, bool NoneInside) Around(IReadOnlyList<IIncomingGrainCallFilter> filters) => (
        filters.TakeWhile(filter => filter is not SupervisionCallFilter).All(filter => filter.GetType().Assembly == typeof(OtherFilters).Assembly),
        filters is [.., SupervisionCallFilter]);
}
