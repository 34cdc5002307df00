using System.Globalization;
using Prismatic.SystemTests.Browser;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

public sealed class PageTests
{
    private const string Workers = "document.querySelectorAll('[role=treeitem][data-kind=worker]')";
    private const string SourceManager = "[data-path=\"prismatic/osint/source-manager\"]";

    [Fact]
    public async Task A_person_signs_in_with_the_printed_link_and_sees_fifteen_workers_and_then_a_crash_without_an_error_of_the_page()
    {
        var executable = Requirement.Chromium();
        using var directory = new TemporaryDirectory();
        using var refusing = new RefusingPort();
        await using var silo = await SiloProcess.Start(directory);
        await using var client = await silo.Connect();
        await using var browser = await Chromium.Start(executable);

        await SignIn(browser, silo);

        await browser.Until($"{Workers}.length === 15");
        Assert.Equal("/admin/supervision/", (await browser.Evaluate("location.pathname"))?.GetValue<string>());
        Assert.Equal("6", (await browser.Evaluate("document.querySelectorAll('[role=treeitem][data-kind=supervisor]').length"))?.ToString());
        Assert.Equal("Nothing waits for a person.", await Text("#escalations .empty"));

        await client.RegisterWebSource("register", refusing.Number);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.Ask("register"));

        await browser.Until(string.Create(CultureInfo.InvariantCulture, $"document.querySelector('{SourceManager} .metric').lastChild.textContent === '1'"));
        await browser.Until("document.querySelector('#lessons').textContent.includes('Connection refused')");

        Assert.Empty(browser.Complaints);

        async Task<string?> Text(string selector) => (await browser.Evaluate($"document.querySelector('{selector}').textContent"))?.GetValue<string>();
    }

    [Fact]
    public async Task A_tree_is_not_called_healthy_while_a_worker_is_quarantined_whatever_its_figure()
    {
        var executable = Requirement.Chromium();
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Start(directory);
        await using var browser = await Chromium.Start(executable);
        await SignIn(browser, silo);
        await browser.Until($"{Workers}.length === 15");
        Assert.Equal("Healthy", await Word());

        // From now on the page is told of one worker in quarantine, with the figure that the silo gives a tree of fifteen with one shut.
        await browser.Evaluate("""
            const real = window.fetch;
            window.fetch = async (address, options) => {
              const answer = await real(address, options);
              if (!String(address).includes('api/tree')) return answer;
              const tree = await answer.json();
              tree.healthScore = 93.3;
              tree.nodes.find((node) => node.kind === 'worker').status = 'Quarantined';
              return new Response(JSON.stringify(tree), { status: answer.status, headers: answer.headers });
            };
            """);

        await browser.Until("document.querySelector('#health-score').textContent === '93'");
        Assert.Equal("Strained", await Word());
        Assert.Empty(browser.Complaints);

        async Task<string?> Word() => (await browser.Evaluate("document.querySelector('#health-word').textContent"))?.GetValue<string>();
    }

    private static async Task SignIn(Chromium browser, SiloProcess silo)
    {
        await browser.Visit(await silo.SignInLink());
        await browser.Until("document.querySelector('form[action=\"/sign-in\"] button')");
        await browser.Evaluate("document.querySelector('form[action=\"/sign-in\"] button').click()");
    }
}
