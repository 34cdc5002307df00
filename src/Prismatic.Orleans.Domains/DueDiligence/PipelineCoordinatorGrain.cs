using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Options;
using Prismatic.Domains.Osint;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.DueDiligence;

/// <summary>The number of the last run, and the runs that are to go on. The runs themselves have records of their own.</summary>
internal sealed class RunningRuns
{
    public long Last { get; set; }

    public List<string> Active { get; set; } = [];
}

/// <summary>
/// Each run has a timer whose ticks interleave with calls. A tick runs stages until the run ends or one throws; what is thrown leaves the
/// tick and is a crash like any other. The next tick, of this incarnation or of the next, tries the stage again.
/// </summary>
internal sealed class PipelineCoordinatorGrain(
    [SupervisedState("pipeline-runs")] ISupervisedState<RunningRuns> runs,
    IOptions<DomainOptions> options,
    IGrainFactory grains,
    TimeProvider time) : Grain, IPipelineCoordinatorGrain
{
    public const string Actor = "pipeline";
    private const int MostAttempts = 3;
    private readonly PipelineStages _stages = new(grains, time);
    private readonly StateWriter<RunningRuns> _writer = new(runs);
    private readonly Dictionary<string, IGrainTimer> _timers = [];
    private readonly HashSet<string> _cancelled = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var runId in runs.Value.Active)
        {
            Arm(runId);
        }

        return Task.CompletedTask;
    }

    public async Task<string> Start(string caseId, PipelineSpec s)
    {
        RiskRules.Check(s.Weights, nameof(s));
        SourceRows.Check(s.Limits, nameof(s));
        Demand.Range(s.ScreeningThreshold, 0.5, 1, nameof(s));
        var cases = grains.GetGrain<ICaseManagerGrain>(ICaseManagerGrain.Key);
        var state = (await cases.Get(caseId)).State;
        Demand.That(state is CaseState.Draft or CaseState.Collecting, nameof(caseId), $"Case {caseId} is {state}: a run needs a draft or a case that is collecting.");
        if (state is CaseState.Draft)
        {
            await cases.Transition(caseId, CaseState.Collecting, Actor, "A run was started.");
        }

        var runId = string.Create(CultureInfo.InvariantCulture, $"run-{++runs.Value.Last:D6}");
        await Record(runId).Write(new PipelineRun { RunId = runId, CaseId = caseId, Spec = s, StartedAt = time.GetUtcNow() });
        await Activate(runId);
        return runId;
    }

    public async Task<PipelineStatus> Status(string runId) => (await Find(runId)).ToStatus();

    public async Task Cancel(string runId)
    {
        if ((await Find(runId)).State is RunState.Running)
        {
            _cancelled.Add(runId);
            if (!_timers.ContainsKey(runId))
            {
                Arm(runId);
            }
        }
    }

    public async Task<ImmutableArray<DeadLetter>> DeadLetters(string runId) => (await Find(runId)).DeadLetters;

    public async Task<string> Resume(string runId)
    {
        var run = await Find(runId);
        if (run.State is RunState.Failed or RunState.Cancelled)
        {
            _cancelled.Remove(runId);
            await Record(runId).Write(run with { State = RunState.Running, Attempts = 0 });
            await Activate(runId);
        }

        return runId;
    }

    public async Task<RiskScore> Score(string caseId, RiskWeights w)
    {
        RiskRules.Check(w, nameof(w));
        var view = await grains.GetGrain<ICaseManagerGrain>(ICaseManagerGrain.Key).Get(caseId);
        return RiskRules.Score(view.Evidence, w);
    }

    private Task Activate(string runId)
    {
        if (!runs.Value.Active.Contains(runId))
        {
            runs.Value.Active.Add(runId);
        }

        Arm(runId);
        return _writer.Save();
    }

    private void Arm(string runId)
    {
        if (!_timers.ContainsKey(runId))
        {
            var due = new GrainTimerCreationOptions(TimeSpan.Zero, options.Value.PipelineRetry) { Interleave = true, KeepAlive = true };
            _timers[runId] = this.RegisterGrainTimer(Drive, runId, due);
        }
    }

    private async Task Drive(string runId, CancellationToken cancellationToken)
    {
        while (await Record(runId).Read() is { State: RunState.Running } run)
        {
            if (_cancelled.Remove(runId))
            {
                await Record(runId).Write(run with { State = RunState.Cancelled });
            }
            else if (run.Next() is not { } stage)
            {
                await Record(runId).Write(run with { State = RunState.Completed });
            }
            else if (run.Attempts >= MostAttempts)
            {
                await Record(runId).Write(Fail(run, stage));
            }
            else
            {
                // The attempt is counted before it is made, so that a stage that takes the activation down counts too.
                var begun = run with { Attempts = run.Attempts + 1 };
                await Record(runId).Write(begun);
                var done = await _stages.Run(stage, begun, cancellationToken);
                await Record(runId).Write(done with { Committed = done.Committed.Add(stage), Attempts = 0 });
            }
        }

        await End(runId);
    }

    private PipelineRun Fail(PipelineRun run, PipelineStage stage) => run with
    {
        State = RunState.Failed,
        DeadLetters = run.DeadLetters.Add(new DeadLetter
        {
            Stage = stage,
            Source = stage.ToString(),
            ErrorType = "StageFailed",
            Message = $"Stage {stage} was begun {run.Attempts} times and never came to its end. Its crashes are in the log; Resume tries it again.",
            At = time.GetUtcNow(),
        }),
    };

    private async Task End(string runId)
    {
        runs.Value.Active.Remove(runId);
        _cancelled.Remove(runId);
        await _writer.Save();
        if (_timers.Remove(runId, out var timer))
        {
            timer.Dispose();
        }
    }

    private async Task<PipelineRun> Find(string runId) =>
        await Record(runId).Read() ?? throw new ArgumentException($"There is no run '{runId}'.", nameof(runId));

    private IPipelineRunGrain Record(string runId)
    {
        Demand.Slug(runId, nameof(runId));
        return grains.GetGrain<IPipelineRunGrain>(runId);
    }
}
