using System.Collections.Immutable;
using Orleans.Runtime;
using Prismatic.Correlation;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Store;

/// <summary>The records that the grains would have written of so many crashes, one for each lesson: made by the same code, written in bulk.</summary>
internal static class LessonFill
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A crash of the lesson with that number.</summary>
    public static CrashReport Crash(int number, string silo, long sequence)
    {
        var facts = SyntheticCrashes.Of(number, variant: 0);
        var signature = CrashSignature.Of(facts).Hash;
        return new CrashReport
        {
            CrashId = $"{silo}-{sequence}",
            Sequence = sequence,
            Silo = silo,
            Child = $"shop/orders/worker-{number % 50}",
            GrainId = $"order/{number}",
            ActivationId = $"a{sequence}",
            Trigger = CrashTriggerKind.Call,
            Method = "IOrderGrain.Load",
            Facts = facts,
            Signature = signature,
            Group = signature,
            Class = FailureClass.ExternalDependency,
            Action = new RestartWithBackoff(),
            Rule = "timeout",
            Restarted = true,
            SeenAt = Start.AddSeconds(sequence % 1_000_000),
            Build = "1.0.0.0+0123456789abcdef0123456789abcdef",
            State = ImmutableDictionary<string, string>.Empty.Add("OpenOrders", "17").Add("Shelf", "north"),
        };
    }

    /// <summary>All records of a store with <paramref name="lessons"/> lessons.</summary>
    public static IEnumerable<(string Key, byte[] Payload)> Records(int lessons)
    {
        var buckets = new Dictionary<ulong, ImmutableArray<GroupMember>>();
        var page = new List<string>();
        var number = -1;
        foreach (var one in Enumerable.Range(0, lessons).AsParallel().AsOrdered().Select(Fill))
        {
            number++;
            yield return one.Lesson;
            yield return one.Bucket;
            foreach (var key in one.Keys)
            {
                buckets[key] = GroupBucket.With(buckets.GetValueOrDefault(key, []), one.Member);
            }

            page.Add(one.Member.Group);
            if (page.Count == LessonPages.Size || number == lessons - 1)
            {
                yield return Record("lessons-page", "prismatic-lesson-page", LessonPages.Key(number / LessonPages.Size), new LessonPageRecord { Groups = [.. page] });
                page.Clear();
            }
        }

        foreach (var (key, members) in buckets)
        {
            yield return Record("group-bucket", "prismatic-group-bucket", $"k-{key:x16}", new GroupBucketRecord { Members = members });
        }

        yield return Record("lessons-totals", "prismatic-lessons", ILessonsLearnedGrain.Key, new LessonTotals
        {
            Crashes = lessons,
            LastPage = lessons / LessonPages.Size,
            LastPageCount = lessons % LessonPages.Size,
        });
    }

    private static Filled Fill(int number)
    {
        var moment = new LessonMoment { LastPage = number / LessonPages.Size, Experience = new ClassExperience(), MayTry = true };
        var crash = Crash(number, "filled", number + 1);
        var record = new LessonRecord().With([crash], [], moment, Start) with { Listed = true };
        var member = new GroupMember { Group = crash.Group, Signature = crash.Signature, Features = CrashFeatures.Of(crash.Facts) };
        return new Filled(
            Record("lesson", "prismatic-lesson", crash.Group, record),
            Record("group-bucket", "prismatic-group-bucket", $"s-{crash.Signature}", new GroupBucketRecord { Members = [member] }),
            member,
            [.. GroupKeys.Of(member.Features)]);
    }

    private sealed record Filled((string Key, byte[] Payload) Lesson, (string Key, byte[] Payload) Bucket, GroupMember Member, ulong[] Keys);

    private static (string Key, byte[] Payload) Record<T>(string state, string grainType, string key, T value) =>
        (SqliteRecords.Key(state, GrainId.Create(grainType, key)), RecordFrame.Write(StateCodec.Encode(value, 1, Start)).ToArray());
}
