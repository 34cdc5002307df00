using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Prismatic.Domains.DueDiligence;

/// <summary>A case is the fold of its events. Events that do not follow from one another are damage.</summary>
internal static class CaseHistory
{
    public static CaseRecord Append(CaseRecord record, CaseEvent next) =>
        record with { Events = record.Events.Add(next with { Hash = Hash(Head(record.Events), next) }) };

    public static CaseView Fold(CaseRecord record)
    {
        var opened = record.Events[0];
        var steps = record.Events.Where(e => e.To is not null).Select(e => new CaseStep { At = e.At, Actor = e.Actor, State = e.To!.Value, Reason = e.Reason });
        return new CaseView
        {
            Id = record.Id,
            Subject = opened.Subject!,
            State = record.Events.Last(e => e.To is not null).To!.Value,
            OpenedBy = opened.Actor,
            Purpose = opened.Reason,
            Steps = [.. steps],
            Evidence = [.. record.Events.Select(e => e.Evidence).OfType<EvidenceItem>()],
            HeadHash = Head(record.Events),
        };
    }

    /// <summary>The first event that cannot be, in a sentence; null when all is well.</summary>
    public static string? FindDamage(CaseRecord record)
    {
        if (record.Events.IsDefaultOrEmpty)
        {
            return $"Case {record.Id} has no events.";
        }

        CaseState? state = null;
        var hash = "";
        for (var i = 0; i < record.Events.Length; i++)
        {
            var e = record.Events[i];
            var wrong = Wrong(e, state);
            if (wrong is not null || e.Hash != Hash(hash, e))
            {
                return $"Event {i} of case {record.Id}, '{e.Kind}', {wrong ?? "does not fit its hash."}";
            }

            (state, hash) = (e.To ?? state, e.Hash);
        }

        return null;
    }

    private static string? Wrong(CaseEvent e, CaseState? state) => (e.Kind, state) switch
    {
        (CaseEvent.Opened, null) => e.To is CaseState.Draft && e.Subject is not null ? null : "has no subject or does not lead to a draft.",
        (CaseEvent.Opened, _) => "opens a case that is open.",
        (_, null) => "comes before the case was opened.",
        (CaseEvent.Moved, { } from) => e.To is { } to && CaseRules.MayMove(from, to) ? null : $"moves the case from {from} to {e.To}, which is no step.",
        (CaseEvent.EvidenceAdded, { } at) => e.Evidence is not null && CaseRules.TakesEvidence(at) ? null : $"adds evidence to a case that is {at}.",
        _ => "is of a kind that no version of the program writes.",
    };

    private static string Head(ImmutableArray<CaseEvent> events) => events.IsEmpty ? "" : events[^1].Hash;

    // The fields are written out one by one: the order of a dictionary is another one in each process.
    private static string Hash(string before, CaseEvent e)
    {
        var text = new StringBuilder(before);
        Field(e.Kind);
        Field(e.At.ToString("O", CultureInfo.InvariantCulture));
        Field(e.Actor);
        Field(e.Reason);
        Field(e.To?.ToString());
        if (e.Subject is { } subject)
        {
            Field(subject.Id);
            Field(subject.Name);
            Field(subject.Kind.ToString());
            Field(string.Join('\u001e', subject.Aliases));
            Field(subject.Country);
            Field(subject.BirthDate);
            Field(string.Join('\u001e', subject.Identifiers.OrderBy(id => id.Key, StringComparer.Ordinal).Select(id => $"{id.Key}={id.Value}")));
        }

        if (e.Evidence is { } evidence)
        {
            Field(evidence.Id);
            Field(evidence.Kind.ToString());
            Field(evidence.Source);
            Field(evidence.Summary);
            Field(evidence.Dimension?.ToString());
            Field(evidence.Risk.ToString("R", CultureInfo.InvariantCulture));
            Field(evidence.Confidence.ToString("R", CultureInfo.InvariantCulture));
            Field(evidence.Claim);
            Field(evidence.Denies.ToString());
            Field(evidence.Payload);
            Field(evidence.RawSha256);
            Field(evidence.ObtainedAt.ToString("O", CultureInfo.InvariantCulture));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));

        void Field(string? value) => text.Append(value is null ? "\u001f-" : $"\u001f{value.Length}:{value}");
    }
}
