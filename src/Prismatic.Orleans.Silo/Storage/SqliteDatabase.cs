namespace Prismatic.Silo;

/// <summary>One file on this machine, for one silo.</summary>
internal static class SqliteDatabase
{
    public static Database Open(string file) =>
        new(file, "set Prismatic:DataDirectory to another directory", new SqliteDataSource(file), SqliteSchema.Current);
}
