namespace Prismatic.Measuring;

/// <summary>The least that an asynchronous filter which looks at failures costs: what ours is compared with.</summary>
internal sealed class EmptyIncomingCallFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception exception) when (Observed(exception))
        {
            throw;
        }
    }

    private static bool Observed(Exception exception) => exception.HResult == int.MaxValue;
}

/// <inheritdoc cref="EmptyIncomingCallFilter"/>
internal sealed class EmptyOutgoingCallFilter : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception exception) when (Observed(exception))
        {
            throw;
        }
    }

    private static bool Observed(Exception exception) => exception.HResult == int.MaxValue;
}

/// <summary>A filter that hands the call on and is not asynchronous itself.</summary>
internal sealed class PassingIncomingCallFilter : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => context.Invoke();
}
