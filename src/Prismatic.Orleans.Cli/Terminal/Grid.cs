namespace Prismatic.Cli;

/// <summary>A table as values: how it looks is the terminal's to say.</summary>
/// <param name="Columns">The headings.</param>
/// <param name="Rows">The cells, as many in each row as there are headings.</param>
internal sealed record Grid(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
