using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Prismatic.Domains.DueDiligence;

namespace Prismatic.Domains.Osint.Adapters;

/// <summary>Looks a name up in a list file; rows are the entries whose name, or an alias, is similar by 0.8 or more.</summary>
internal sealed class ListFileAdapter(IOptions<DomainOptions> options) : ISourceAdapter
{
    private const double Similar = 0.8;

    public AdapterKind Kind => AdapterKind.ListFile;

    public async Task<AdapterAnswer> Ask(AdapterInfo info, OsintQuery query, CancellationToken cancellationToken)
    {
        var path = options.Value.ListPath(info.Address, nameof(info));
        var raw = await File.ReadAllBytesAsync(path, cancellationToken);
        var format = Path.GetExtension(path) is ".json" or ".jsonl" ? ListFormat.FtmJsonLines : ListFormat.OfacCsv;
        var items = from entry in ListFiles.Read(format, path).Entries
                    where entry.Names.Any(name => NameRules.Similarity(name, query.Text) >= Similar)
                    select new OsintItem
                    {
                        Id = entry.Record.Id,
                        Name = entry.Record.Name,
                        Fields = entry.Record.Identifiers
                            .Add("reason", entry.Reason)
                            .Add("kind", entry.Record.Kind.ToString())
                            .Add("country", entry.Record.Country ?? ""),
                    };
        return new AdapterAnswer([.. items], raw);
    }
}
