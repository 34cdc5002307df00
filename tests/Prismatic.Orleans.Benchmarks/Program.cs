using Prismatic.Calls;
using Prismatic.Capture;
using Prismatic.Correlation;
using Prismatic.Filter;
using Prismatic.Gates;
using Prismatic.Healing;
using Prismatic.Intake;
using Prismatic.Lookup;
using Prismatic.Measuring;
using Prismatic.Peers;
using Prismatic.Store;
using Prismatic.Storm;

const string Usage = """
    Usage: dotnet run -c Release --project tests/Prismatic.Orleans.Benchmarks -- <verb> [options]

      filter  What each call filter costs by itself.
                --iterations <n>   measured iterations of each case, default 10
      calls   The same grain called in silos without a filter, with empty ones, and supervised.
                --rounds <n>       rounds; each has one slice of every arm, default 24
                --slice <ms>       about how long a slice lasts, default 300
      storm   Crashes of one worker and of a whole family, supervised and bare.
                --rounds <n>       rounds; each has every arm once, default 5
                --crashes <n>      crashes of the one worker, default 1000
                --members <n>      members of the family, each crashes once, default 10000
      healing  Does it heal? The same faults without the library, restarted always, by the built-in rules, and with lessons.
                --seed <n>         which run of faults, default 1
                --seeds <n,n,...>  several runs, and the worst of each figure
                --arms <arm>       all, none, alwaysRestart, rules or lessons; default all

      intake  One supervisor taking in crash reports from two silos.
                --rate <n>           crash reports per second from both together, default 20000
                --seconds <n>        for how long, default 20
                --children <n>       children that crash, in turn, default 1000
                --through <way>      calls (batches handed to the supervisor) or outboxes (crashes handed to the silos' outboxes); default calls
      gates   From a crash on one silo to the shut gate on all others.
                --crashes <n>        crashes, each of another child, default 500
                --silos <n>          silos, default 3
      correlation
              Finding the group of a crash among many lessons, and recording it.
                --sizes <n,n,…>    numbers of lessons, default 1000,100000,1000000
      capture Making facts and a signature of an exception.
                --times <n>        how often each step is done, default 20000
      lookup  Finding the rule of a crash among many.
                --rules <n,n,…>    how many rules there are, default 10,1000,10000
                --lookups <n>      look-ups of each run, default 200000
                --seed <n>         draws the rules, default 1

      peers   The same on Prismatic, bare Orleans, Erlang/OTP (where `erl` is installed) and Akka.NET.
                --rounds <n>         storms of each kind on each peer, default 15
                --restarts <n>       restarts of one child on Orleans, default 20000
                --peer-restarts <n>  restarts of one child on the others, default 3000
                --only <what>        all, storms, restarts or calls; default all
                --storm <size>       all, 1x1000, 1x2000, 1x5000, 1x10000 or 100x100: supervisors x children; default all
                --peers <which>      all or orleans; default all

      lessons A silo on a store with many lessons: its start, and what crashes, outcomes and questions cost.
                --sizes <n,n,…>    numbers of lessons, default 1000,100000,1000000
                --operations <n>   operations of each kind, default 1000

    All take --output table|json.
    """;

try
{
    var options = Options.Parse(args.Skip(1));
    switch (args.FirstOrDefault())
    {
        case "filter":
            FilterVerb.Run(options);
            return 0;
        case "calls":
            await CallsVerb.Run(options);
            return 0;
        case "storm":
            return await StormVerb.Run(options) ? 0 : 1;
        case "intake":
            return await IntakeVerb.Run(options) ? 0 : 1;
        case "gates":
            await GatesVerb.Run(options);
            return 0;
        case "capture":
            await CaptureVerb.Run(options);
            return 0;
        case "correlation":
            return CorrelationVerb.Run(options) ? 0 : 1;
        case "lookup":
            LookupVerb.Run(options);
            return 0;
        case "peers":
            return await PeersVerb.Run(options) ? 0 : 1;
        case "lessons":
            return await LessonsVerb.Run(options) ? 0 : 1;
        case "healing":
            await HealingVerb.Run(options);
            return 0;
        case "help" or "--help" or "-h":
            Console.WriteLine(Usage);
            return 0;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
catch (OptionException mistake)
{
    Console.Error.WriteLine(mistake.Message);
    Console.Error.WriteLine(Usage);
    return 2;
}
