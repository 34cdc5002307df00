using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Prismatic.SystemTests.Harness;

namespace Prismatic.SystemTests.Faults;

/// <summary>A person who looks at the tickets every few seconds, on whichever silo answers, and answers those of crashes. What was acknowledged is kept in the load's history.</summary>
internal sealed class Operator : IAsyncDisposable
{
    /// <summary>Beyond the numbers of the schedule.</summary>
    private const int FirstNumber = 10_000_000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private readonly Load _load;
    private readonly Func<IReadOnlyList<SiloProcess>> _silos;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _working;
    private int _number = FirstNumber;

    public Operator(Load load, Func<IReadOnlyList<SiloProcess>> silos)
    {
        (_load, _silos) = (load, silos);
        _working = Task.Run(Work);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _working;
        _stop.Dispose();
    }

    private async Task Work()
    {
        for (var turn = 0; !_stop.IsCancellationRequested; turn++)
        {
            try
            {
                await Task.Delay(Look, TimeProvider.System, _stop.Token);
                var silos = _silos();
                if (silos.Count > 0)
                {
                    await AnswerAll(silos[turn % silos.Count]);
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
            {
                // The silo is gone, or this is over. The next look asks another one.
            }
        }
    }

    private async Task AnswerAll(SiloProcess silo)
    {
        using var http = silo.Anonymous();
        http.Timeout = TimeSpan.FromSeconds(10);
        http.DefaultRequestHeaders.Authorization = new("Bearer", SiloProcess.Token);
        var tickets = await http.GetFromJsonAsync<JsonArray>($"{AdminApi.Root}/api/escalations", _stop.Token);
        foreach (var ticket in tickets!.Where(ticket => ticket!["open"]!.GetValue<bool>() && ticket["group"]?.GetValue<string>() is { Length: > 0 }))
        {
            await Answer(http, ticket!["id"]!.GetValue<string>());
        }
    }

    private async Task Answer(HttpClient http, string ticket)
    {
        var call = new CallRecord(_number++, CallKind.Resolve, ticket, _load.Now, _load.Now) { Outcome = CallOutcome.Failed };
        try
        {
            var body = new { remediation = new { action = "RestartWithBackoff", initialSeconds = 0.1, maxSeconds = 1.0 }, rootCause = $"Call {call.Number} of the load." };
            using var answer = await http.PostAsJsonAsync($"{AdminApi.Root}/api/escalations/{Uri.EscapeDataString(ticket)}/resolve", body, _stop.Token);
            if (answer.StatusCode == HttpStatusCode.Conflict)
            {
                return;
            }

            call = call with { Ended = _load.Now, Outcome = answer.IsSuccessStatusCode ? CallOutcome.Acknowledged : CallOutcome.Failed, Detail = answer.IsSuccessStatusCode ? null : $"{answer.StatusCode}" };
        }
        finally
        {
            _load.Add(call);
        }
    }
}
