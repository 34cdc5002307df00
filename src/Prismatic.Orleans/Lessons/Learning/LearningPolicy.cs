namespace Prismatic.Lessons;

/// <summary>The constants of learning. They are one value, so that an evaluation can vary them and say which ones it used.</summary>
internal sealed record LearningPolicy
{
    /// <summary>What the grains use.</summary>
    public static LearningPolicy Default { get; } = new();

    /// <summary>What an outcome still weighs in the short memory after one more: about 1 / (1 - 0.8) = 5 outcomes count. It notices a cure that changed.</summary>
    public double ShortMemory { get; init; } = 0.8;

    /// <summary>What an outcome still weighs in the long memory after one more: about 33 outcomes count. It knows what helps only sometimes.</summary>
    public double LongMemory { get; init; } = 0.97;

    /// <summary>
    /// An action is known to help while the lower bound of its success rate (<see cref="SuccessBound.Lower"/>: Wilson, 90 % one-sided) in the long
    /// memory is at least this, and its failures in the short memory are below <see cref="FailuresTolerated"/>. From nothing it takes four
    /// successes in a row.
    /// </summary>
    public double Sufficient { get; init; } = 0.65;

    /// <summary>Failures in the short memory from which on an action has stopped helping: one may be chance, two within the window are not.</summary>
    public double FailuresTolerated { get; init; } = 1.5;

    /// <summary>What a rule's choice of an action is worth before there are outcomes: this many outcomes of a success rate of <see cref="RuleRate"/>.</summary>
    public double RuleWeight { get; init; } = 2;

    /// <summary>The success rate that a rule's choice is assumed to have.</summary>
    public double RuleRate { get; init; } = 0.75;

    /// <summary>A rule's choice is followed while its expected success rate is above this: a first failure is one too many, a first failure after five successes is not.</summary>
    public double RuleTrusted { get; init; } = 0.7;

    /// <summary>What a person's answer is worth: this many successes.</summary>
    public double PersonWeight { get; init; } = 8;

    /// <summary>An alternative is tried when its expected success rate is above this.</summary>
    public double WorthTrying { get; init; } = 0.5;

    /// <summary>Alternatives tried for one group between two answers.</summary>
    public int TrialsPerGroup { get; init; } = 2;

    /// <summary>Trials begun in the whole cluster within <see cref="TrialWindow"/>.</summary>
    public int TrialsPerWindow { get; init; } = 20;

    /// <summary>The window of <see cref="TrialsPerWindow"/>.</summary>
    public TimeSpan TrialWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// A break or a fallback that healed so often in a row at its first attempt was more than was needed: whatever was away was back at once.
    /// A restart, which is over sooner, is tried instead. Where no attempt ever found anything away, once is enough.
    /// </summary>
    public int FirstAttempts { get; init; } = 2;

    /// <summary>Each restart that failed in such a place doubles <see cref="FirstAttempts"/>, at most so often.</summary>
    public int MostDoublings { get; init; } = 2;

    /// <summary>
    /// Successes of a restart in a row at its first attempt, from which on one that met the cause again is given up at once for what follows it. If one failure in ten is of a kind that
    /// passes and strikes twice one time in five, and one cure in a hundred changes from one incident to the next, it is more likely from five on that the cure has changed; the margin is for what these rates are not known by.
    /// </summary>
    public int SingleStrikes { get; init; } = 8;

    /// <summary>
    /// Attempts of a break, or of a fallback, that may meet the failure again before anything was served: the target is still away, which
    /// speaks for the break and not against it. Beyond them they are failures.
    /// </summary>
    public int AttemptsOfBreak { get; init; } = 30;

    /// <summary>The same for a restart while a resource is exhausted: it may still be. Where the crash came out of a call to a target it is the target's resource, which no restart frees, and in other classes a restart after which nothing was served has failed.</summary>
    public int AttemptsOfRestart { get; init; } = 8;

    /// <summary>
    /// Crashes that a person is told of one by one while a group waits for an answer; later ones only when their number is a power of two.
    /// </summary>
    public int ToldOneByOne { get; init; } = 3;

    /// <summary>Crashes that wait for an answer, after which an alternative without better odds is tried as well.</summary>
    public int Patience { get; init; } = 64;

    /// <summary>Two members of a group answer differently when Fisher's exact test says so at this level, divided by the comparisons made.</summary>
    public double SplitLevel { get; init; } = 0.01;

    /// <summary>Breaks ties between alternatives, the same way on every silo.</summary>
    public int Seed { get; init; }
}
