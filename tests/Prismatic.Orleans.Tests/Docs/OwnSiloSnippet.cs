using Microsoft.Extensions.Hosting;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Tests.Docs;

public interface IPriceListGrain : IGrainWithStringKey
{
    Task<decimal> PriceOf(string article);
}

public interface ICartGrain : IGrainWithStringKey
{
    Task<int> Add(string article);
}

/// <summary>Crashes on an article that it does not know, as ordinary code does.</summary>
internal sealed class PriceListGrain : Grain, IPriceListGrain
{
    private readonly Dictionary<string, decimal> _prices = new() { ["tea"] = 3.20m };

    public Task<decimal> PriceOf(string article) => Task.FromResult(_prices[article]);
}

internal sealed class CartGrain : Grain, ICartGrain
{
    private readonly List<string> _articles = [];

    public Task<int> Add(string article)
    {
        _articles.Add(article);
        return Task.FromResult(_articles.Count);
    }
}

/// <summary>The silo of the README. The lines between the markers are its code block.</summary>
internal static class OwnSiloSnippet
{
    public static HostApplicationBuilder Shop(string[] args)
    {
        // README begins
        var builder = Host.CreateApplicationBuilder(args);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering()
            .AddMemoryGrainStorage(StorageNames.Provider)
            .AddSupervision(tree => tree
                .Root("shop")
                .Supervisor("prices", RestartStrategy.OneForOne, prices => prices
                    .Worker<IPriceListGrain>("price-list"))
                .Supervisor("sales", RestartStrategy.OneForOne, sales => sales
                    .Intensity(10, TimeSpan.FromSeconds(5))
                    .Workers<ICartGrain>("carts"))));
        // README ends
        return builder;
    }
}
