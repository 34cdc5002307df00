using Orleans.Serialization.TypeSystem;

namespace Prismatic.Runtime;

/// <summary>Resolves types as Orleans does, and says "no" where Orleans throws because the whole assembly is missing: only then does its fallback for unknown exceptions run.</summary>
internal sealed class ForgivingTypeResolver : TypeResolver
{
    private readonly CachedTypeResolver _inner = new();

    public override Type ResolveType(string name) => _inner.ResolveType(name);

    public override bool TryResolveType(string name, out Type type)
    {
        try
        {
            return _inner.TryResolveType(name, out type);
        }
        catch (Exception missing) when (missing is TypeLoadException or FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            type = null!;
            return false;
        }
    }
}
