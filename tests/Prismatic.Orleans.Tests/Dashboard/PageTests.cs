using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Prismatic.Dashboard;
using Xunit;

namespace Prismatic.Tests.Dashboard;

public sealed partial class PageTests
{
    private const string Root = "/admin/supervision/";

    [Theory]
    [InlineData("", "text/html")]
    [InlineData("app.js", "text/javascript")]
    [InlineData("style.css", "text/css")]
    [InlineData("icon.svg", "image/svg+xml")]
    public async Task Each_part_of_the_page_has_its_type_a_tag_to_revalidate_by_and_the_content_policy(string name, string type)
    {
        await using var host = await SupervisionHost.Start();

        using var first = await host.Client.GetAsync(new Uri(Root + name, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(type, first.Content.Headers.ContentType?.MediaType);
        Assert.Equal(SecurityHeaders.Policy, Assert.Single(first.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(first.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(first.Headers.CacheControl?.NoCache);

        using var again = new HttpRequestMessage(HttpMethod.Get, Root + name);
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag!.ToString()));
        using var second = await host.Client.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_root_without_its_slash_leads_to_the_page_and_keeps_the_query()
    {
        await using var host = await SupervisionHost.Start();

        using var response = await host.Client.GetAsync(new Uri("/admin/supervision?ill=1", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/admin/supervision/?ill=1", response.Headers.Location?.ToString());
    }

    [Fact]
    public async Task The_page_holds_no_inline_script_or_style_and_loads_nothing_from_elsewhere()
    {
        await using var host = await SupervisionHost.Start();

        var page = await host.Client.GetStringAsync(new Uri(Root, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.DoesNotMatch(Inline(), page);
        Assert.DoesNotContain("://", page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_never_turns_text_into_markup()
    {
        await using var host = await SupervisionHost.Start();

        var script = await host.Client.GetStringAsync(new Uri(Root + "app.js", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.DoesNotMatch(Markup(), script);
    }

    [GeneratedRegex("""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex("""innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|setHTML""")]
    private static partial Regex Markup();
}
