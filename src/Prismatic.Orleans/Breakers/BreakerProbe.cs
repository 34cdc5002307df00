namespace Prismatic.Breakers;

/// <summary>The right to make one call to a target whose break is over.</summary>
/// <param name="Entry">What this silo knew of the breaker when it asked.</param>
/// <param name="Epoch">The epoch whose probe this is.</param>
/// <param name="Break">The break of that epoch; the outcome counts if it is reported within this time.</param>
/// <param name="AskedAt">The timestamp right before it was asked for.</param>
/// <param name="Alone">Whether the owner could not be asked, so that the outcome is this silo's alone.</param>
internal sealed record BreakerProbe(BreakerEntry Entry, long Epoch, TimeSpan Break, long AskedAt, bool Alone)
{
    public string Target => Entry.View.Target;

    /// <summary>Whether its outcome no longer counts, because the owner may have begun the next epoch.</summary>
    public bool IsOver(TimeProvider time) => !Alone && time.GetElapsedTime(AskedAt) >= Break;
}
