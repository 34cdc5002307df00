using System.Data.Common;

namespace Prismatic.Silo;

/// <summary>The database that this host keeps everything in.</summary>
/// <param name="Name">How sentences name it: where it is, and never how one gets in.</param>
/// <param name="Elsewhere">How a person would choose another one.</param>
/// <param name="Source">Opens connections.</param>
/// <param name="Schema">What it must hold.</param>
internal sealed record Database(string Name, string Elsewhere, DbDataSource Source, DatabaseSchema Schema);
