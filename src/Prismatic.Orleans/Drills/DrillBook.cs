using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Prismatic.Drills;

/// <summary>The drills that this silo runs, one at a time, and the last ones that it ran.</summary>
internal sealed partial class DrillBook(DrillRunner runner, ILogger<DrillBook> log) : IDisposable
{
    private const int Kept = 20;
    private const int LargestFile = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly List<DrillView> _drills = [];
    private readonly CancellationTokenSource _stop = new();
    private int _started;

    /// <summary>The drill that is under way, or null.</summary>
    public DrillView? Running
    {
        get
        {
            lock (_lock)
            {
                return _drills.Find(drill => drill.Status == DrillStatus.Running);
            }
        }
    }

    public DrillView? Get(string id)
    {
        lock (_lock)
        {
            return _drills.Find(drill => drill.Id == id);
        }
    }

    /// <summary>Reads a drill file and starts it.</summary>
    public DrillStart Start(string file)
    {
        if (file.Length > LargestFile)
        {
            return new DrillStart { Mistakes = [$"The file has {file.Length} characters; it may have {LargestFile}."] };
        }

        var (drill, mistakes) = DrillReader.Read(file, runner.Stage);
        if (drill is null)
        {
            return new DrillStart { Mistakes = mistakes };
        }

        if (runner.Obstacle(drill) is { } obstacle)
        {
            return new DrillStart { Mistakes = [obstacle] };
        }

        DrillView view;
        lock (_lock)
        {
            if (Running is { } busy)
            {
                return new DrillStart { Busy = busy };
            }

            view = new DrillView
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{++_started}-{Guid.NewGuid():N}")[..14],
                Name = drill.Name,
                Status = DrillStatus.Running,
                Progress = "starting",
            };
            _drills.Insert(0, view);
            _drills.RemoveRange(Math.Min(_drills.Count, Kept), Math.Max(0, _drills.Count - Kept));
        }

        // Its calls must come from outside: a call chain that leads back into the turn of the grain that started it would wait for it.
        using (ExecutionContext.SuppressFlow())
        {
            Task.Run(() => Carry(drill, file, view.Id), CancellationToken.None).Ignore();
        }

        return new DrillStart { Started = view };
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task Carry(DrillFile drill, string file, string id)
    {
        try
        {
            var report = await runner.Run(drill, file, text => Replace(id, known => known with { Progress = text }), _stop.Token);
            Replace(id, known => known with { Status = report.Passed ? DrillStatus.Passed : DrillStatus.Failed, Progress = "over", Report = report.ToJson() });
        }
        catch (Exception trouble)
        {
            NotCarriedOut(log, drill.Name, trouble);
            Replace(id, known => known with { Status = DrillStatus.Broken, Progress = "over", Trouble = $"{trouble.GetType().Name}: {trouble.Message}" });
        }
    }

    private void Replace(string id, Func<DrillView, DrillView> change)
    {
        lock (_lock)
        {
            var at = _drills.FindIndex(drill => drill.Id == id);
            if (at >= 0 && _drills[at].Status == DrillStatus.Running)
            {
                _drills[at] = change(_drills[at]);
            }
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The drill {Drill} could not be carried out.")]
    private static partial void NotCarriedOut(ILogger log, string drill, Exception exception);
}
