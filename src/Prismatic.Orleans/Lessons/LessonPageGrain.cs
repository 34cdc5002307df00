using System.Collections.Immutable;
using Prismatic.Storage;

namespace Prismatic.Lessons;

/// <summary>Keeps one page of the index.</summary>
[GrainType("prismatic-lesson-page")]
internal sealed class LessonPageGrain([SupervisedState("lessons-page", OnDamage = DamagePolicy.SetAside)] ISupervisedState<LessonPageRecord> page)
    : Grain, ILessonPageGrain
{
    /// <inheritdoc/>
    public Task<ImmutableArray<string>> Read() => Task.FromResult(page.Value.Groups);

    /// <inheritdoc/>
    public async Task<ImmutableArray<string>> Append(ImmutableArray<string> groups)
    {
        await page.WriteAsync(page.Value.With(groups));
        return page.Value.Groups;
    }
}
