using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Prismatic.SystemTests.Harness;

namespace Prismatic.SystemTests.Browser;

/// <summary>A headless Chromium with one page, and everything that the page complained about.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";
    private readonly TemporaryDirectory _profile;
    private readonly ProgramProcess _process;
    private readonly ConcurrentQueue<string> _complaints = new();
    private DevTools _tools = null!;
    private string _page = "";

    private Chromium(TemporaryDirectory profile, ProgramProcess process)
    {
        _profile = profile;
        _process = process;
    }

    /// <summary>Errors and warnings of the page's console, uncaught exceptions, and requests that failed.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public static async Task<Chromium> Start(string executable)
    {
        var profile = new TemporaryDirectory();
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--no-proxy-server", "--remote-debugging-port=0", "--window-size=1400,1000", $"--user-data-dir={profile.Path}", "about:blank",
        ];
        var browser = new Chromium(profile, ProgramProcess.Start(executable, arguments, profile.Path, []));
        try
        {
            await browser.OpenPage();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public Task Visit(Uri address) => _tools.Send("Page.navigate", new { url = address.ToString() }, _page);

    /// <summary>The value of a JavaScript expression.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        var result = await _tools.Send("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true }, _page);
        return result["exceptionDetails"] is { } thrown
            ? throw new DevToolsException(expression, thrown.ToJsonString())
            : result["result"]!["value"]?.DeepClone();
    }

    /// <summary>Waits until a condition holds in the page, looking at each change of the document, also of one that is loaded later.</summary>
    public async Task Until(string condition)
    {
        var holds = WaitFor(condition);
        await Eventually.Completed(holds, $"the page fulfils {condition}", () => string.Join('\n', _complaints));
        await holds;
    }

    public async ValueTask DisposeAsync()
    {
        if (_tools is not null)
        {
            await _tools.DisposeAsync();
        }

        await _process.DisposeAsync();
        _profile.Dispose();
    }

    private async Task OpenPage()
    {
        var announced = _process.Errors.First(line => line.StartsWith(Announcement, StringComparison.Ordinal));
        await Eventually.Completed(announced, "the browser opens its control port", _process.Describe);
        _tools = await DevTools.Connect(new Uri((await announced)[Announcement.Length..]), Listen);
        var target = await _tools.Send("Target.createTarget", new { url = "about:blank" });
        var attached = await _tools.Send("Target.attachToTarget", new { targetId = target["targetId"]!.GetValue<string>(), flatten = true });
        _page = attached["sessionId"]!.GetValue<string>();
        foreach (var domain in new[] { "Page", "Runtime", "Log" })
        {
            await _tools.Send($"{domain}.enable", new { }, _page);
        }
    }

    private async Task WaitFor(string condition)
    {
        var promise = $$"""
            new Promise(resolve => {
              const holds = () => { try { return Boolean({{condition}}); } catch { return false; } };
              if (holds()) return resolve(true);
              new MutationObserver((_, observer) => { if (holds()) { observer.disconnect(); resolve(true); } })
                .observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            })
            """;
        while (true)
        {
            try
            {
                await Evaluate(promise);
                return;
            }
            catch (DevToolsException left) when (left.Message.Contains("context was destroyed", StringComparison.Ordinal)
                || left.Message.Contains("navigated", StringComparison.Ordinal)
                || left.Message.Contains("Promise was collected", StringComparison.Ordinal))
            {
                // The page was left for another one; the condition may hold there.
            }
        }
    }

    private void Listen(string name, JsonNode happened)
    {
        var complaint = name switch
        {
            "Runtime.consoleAPICalled" when happened["type"]!.GetValue<string>() is "error" or "warning" or "assert" => happened["args"],
            "Runtime.exceptionThrown" => happened["exceptionDetails"],
            "Log.entryAdded" when happened["entry"]!["level"]!.GetValue<string>() is "error" or "warning" => happened["entry"],
            _ => null,
        };
        if (complaint is not null)
        {
            _complaints.Enqueue(complaint.ToJsonString());
        }
    }
}
