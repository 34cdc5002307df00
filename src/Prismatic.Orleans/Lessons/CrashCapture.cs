using System.Collections.Immutable;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Prismatic.Supervision;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>
/// Makes facts of an exception: the only step that touches the exception itself. It runs on the crash path, for exceptions that
/// anybody may have written, so it never throws: a part that cannot be read says so.
/// </summary>
internal static class CrashCapture
{
    /// <summary>What stands for a part whose getter threw.</summary>
    public const string Unreadable = "(unreadable)";

    private const int MaxExceptions = 10;
    private const int MaxMessage = 2000;
    private const int MaxStack = 32 * 1024;

    /// <summary>Names are asked of the type once; the table holds no type that could otherwise be unloaded.</summary>
    private static readonly ConditionalWeakTable<Type, TypeNames> Names = [];

    /// <summary>
    /// What was made of exceptions that carry nothing but type, number and message. Crashes that come in numbers then share their facts, and whoever
    /// compares them compares one reference.
    /// </summary>
    private static readonly Memo<(TypeNames Names, int Number, string Message), ImmutableArray<ExceptionFact>> Plain = new(256);

    private const int LongestRemembered = 300;

    /// <summary>The facts of <paramref name="exception"/>; at most 10 exceptions of its chain, outermost first.</summary>
    public static CrashFacts Read(Exception exception, string workerType, string child, Blame blame, string? target, bool stateDamaged, bool failedStart = false)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var (facts, stack) = exception is AggregateException || exception.InnerException is not null ? OfChain(exception) : OfOne(exception);
        return new CrashFacts
        {
            Exceptions = facts,
            Stack = stack,
            WorkerType = workerType,
            Child = child,
            Target = target,
            StateDamaged = stateDamaged,
            Blame = blame,
            FailedStart = failedStart,
        };
    }

    private static (ImmutableArray<ExceptionFact> Facts, string Stack) OfChain(Exception exception)
    {
        var chain = new List<Exception>(4);
        Collect(exception, chain);
        return ([.. chain.Select(Fact)], Stack(chain));
    }

    private static (ImmutableArray<ExceptionFact> Facts, string Stack) OfOne(Exception exception)
    {
        var stack = PrintableText.Cut(OwnStack(exception), MaxStack);
        var message = CarriesMore(exception) ? null : Guarded(exception, static e => e.Message, null);
        return message is { Length: <= LongestRemembered }
            ? (Plain.Get((NamesOf(exception), exception.HResult, message), exception, static (_, e) => [Fact(e)]), stack)
            : ([Fact(exception)], stack);
    }

    /// <summary>Whether an exception has codes besides type, number and message: those that <see cref="ErrorCodes"/> reads from a property.</summary>
    private static bool CarriesMore(Exception exception) => exception is ExternalException or HttpRequestException or HttpIOException;

    private static TypeNames NamesOf(Exception exception) => Names.GetValue(exception.GetType(), static type => new TypeNames(type));

    private static string OwnStack(Exception exception) => Guarded(exception, static e => StackTexts.Of(e, MaxStack), Unreadable);

    private static void Collect(Exception exception, List<Exception> chain)
    {
        if (chain.Count == MaxExceptions)
        {
            return;
        }

        chain.Add(exception);
        if (exception is AggregateException aggregate)
        {
            foreach (var member in aggregate.InnerExceptions)
            {
                Collect(member, chain);
            }
        }
        else if (exception.InnerException is { } inner)
        {
            Collect(inner, chain);
        }
    }

    private static ExceptionFact Fact(Exception exception)
    {
        var names = NamesOf(exception);
        var message = Guarded(exception, static e => Redaction.Scrub(e.Message ?? "", MaxMessage), Unreadable);
        return new ExceptionFact
        {
            Type = names.Name,
            Message = message,
            BaseTypes = names.BaseTypes,
            Codes = Guarded((exception, names.Name, message), static x => ErrorCodes.Of(x.exception, x.Name, x.message), []),
        };
    }

    /// <summary>
    /// The stack of the outermost exception that has one. A wrapper's stack shows only where somebody waited: what it carries comes
    /// before it, in the form in which .NET itself writes both.
    /// </summary>
    private static string Stack(List<Exception> chain)
    {
        var stack = "";
        foreach (var exception in chain)
        {
            var own = OwnStack(exception);
            if (own.Length == 0)
            {
                continue;
            }

            stack = stack.Length == 0 ? own : $"{own}\n   --- End of inner exception stack trace ---\n{stack}";
            if (!ExceptionChain.IsWrapper(NamesOf(exception).Name))
            {
                break;
            }
        }

        return PrintableText.Cut(stack, MaxStack);
    }

    private static TResult Guarded<TSource, TResult>(TSource source, Func<TSource, TResult> read, TResult instead)
    {
        try
        {
            return read(source);
        }
        catch (Exception)
        {
            // The exception's own code threw. The crash is what matters; that its text is unreadable is part of the facts.
            return instead;
        }
    }

    private sealed class TypeNames
    {
        public TypeNames(Type type)
        {
            Name = NameOf(type);
            var bases = ImmutableArray.CreateBuilder<string>();
            for (var t = type.BaseType; t is not null && t != typeof(Exception) && t != typeof(object); t = t.BaseType)
            {
                bases.Add(NameOf(t));
            }

            BaseTypes = bases.ToImmutable();
        }

        public string Name { get; }

        public ImmutableArray<string> BaseTypes { get; }

        /// <summary>A closed generic type's full name holds the versions of its arguments' assemblies: the open one's is stable.</summary>
        private static string NameOf(Type type)
        {
            var open = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
            return open.FullName ?? open.Name;
        }
    }
}
