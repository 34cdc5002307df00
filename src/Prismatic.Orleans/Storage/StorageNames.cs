namespace Prismatic.Storage;

/// <summary>Names that the library asks a silo for.</summary>
public static class StorageNames
{
    /// <summary>
    /// The grain storage provider that holds all supervised state: <c>prismatic</c>. The host registers it, for example with
    /// <c>AddAdoNetGrainStorage(StorageNames.Provider, …)</c>.
    /// </summary>
    public const string Provider = "prismatic";
}
