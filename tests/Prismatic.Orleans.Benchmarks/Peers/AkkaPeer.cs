using Akka.Actor;
using Akka.Configuration;

namespace Prismatic.Peers;

/// <summary>Akka.NET in this process: a supervisor that restarts whatever crashes, without a limit, and logs nothing.</summary>
internal sealed class AkkaPeer : IPeer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeProvider Time = TimeProvider.System;
    private static int _started;

    private readonly ActorSystem _system = ActorSystem.Create(
        "peers",
        ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF, log-dead-letters = off }"));

    public string Name => "Akka.NET";

    public async Task<IReadOnlyList<double>> Restarts(int count)
    {
        var worker = (await Children(1)).Single();
        var times = new double[count];
        for (var i = -300; i < count; i++)
        {
            var before = await worker.Ask<int>(Message.Who, Patience);
            var start = Time.GetTimestamp();
            worker.Tell(Message.Crash);
            while (await worker.Ask<int>(Message.Who, Patience) == before)
            {
                // The crash is behind this question in the mailbox only when the actor is between two instances.
            }

            if (i >= 0)
            {
                times[i] = Time.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        return times;
    }

    public async Task<IReadOnlyList<StormTime>> Storm(int supervisors, int children, int runs)
    {
        var workers = new List<IActorRef>();
        for (var supervisor = 0; supervisor < supervisors; supervisor++)
        {
            workers.AddRange(await Children(children));
        }

        await Task.WhenAll(workers.Select(worker => worker.Ask<int>(Message.Who, Patience)));
        var times = new List<StormTime>();
        for (var run = 0; run < runs; run++)
        {
            GC.Collect();
            Volatile.Write(ref _started, 0);
            var start = Time.GetTimestamp();
            foreach (var worker in workers)
            {
                worker.Tell(Message.Crash);
            }

            while (Volatile.Read(ref _started) < workers.Count)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), Time);
            }

            await Task.WhenAll(workers.Select(worker => worker.Ask<int>(Message.Who, Patience)));
            times.Add(new StormTime(Time.GetElapsedTime(start).TotalMilliseconds));
        }

        return times;
    }

    public async Task<double> Calls(int clients, TimeSpan duration)
    {
        var workers = await Children(clients);
        await Drive(workers, duration / 4);
        return await Drive(workers, duration);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _system.Dispose();
    }

    private static async Task<double> Drive(IActorRef[] workers, TimeSpan duration)
    {
        var start = Time.GetTimestamp();
        var calls = await Task.WhenAll(workers.Select(worker => Task.Run(async () =>
        {
            var made = 0L;
            while (made % 64 != 0 || Time.GetElapsedTime(start) < duration)
            {
                await worker.Ask<int>(Message.Who, Patience);
                made++;
            }

            return made;
        })));
        return calls.Sum() / Time.GetElapsedTime(start).TotalSeconds;
    }

    private Task<IActorRef[]> Children(int count) =>
        _system.ActorOf(Props.Create(() => new Supervisor(count))).Ask<IActorRef[]>(Message.Children, Patience);

    private enum Message
    {
        Crash,
        Who,
        Children,
    }

    private sealed class Supervisor : ReceiveActor
    {
        public Supervisor(int count)
        {
            var children = Enumerable.Range(0, count).Select(_ => Context.ActorOf(Props.Create<Worker>())).ToArray();
            Receive<Message>(_ => Sender.Tell(children));
        }

        protected override SupervisorStrategy SupervisorStrategy() =>
            new OneForOneStrategy(int.MaxValue, 1_000, _ => Directive.Restart, loggingEnabled: false);
    }

    private sealed class Worker : ReceiveActor
    {
        private static int _instances;
        private readonly int _instance = Interlocked.Increment(ref _instances);

        public Worker()
        {
            Interlocked.Increment(ref _started);
            Receive<Message>(message => message == Message.Crash, _ => throw new InvalidOperationException("connection refused"));
            Receive<Message>(_ => Sender.Tell(_instance));
        }
    }
}
