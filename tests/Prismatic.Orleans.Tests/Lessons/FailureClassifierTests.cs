using Prismatic.Lessons;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class FailureClassifierTests
{
    [Theory]
    [InlineData("socket", "ConnectionRefused", FailureClass.ExternalDependency)]
    [InlineData("socket", "NoBufferSpaceAvailable", FailureClass.ResourceExhaustion)]
    [InlineData("socket", "AddressAlreadyInUse", FailureClass.LogicError)]
    [InlineData("http", "503", FailureClass.ExternalDependency)]
    [InlineData("http", "429", FailureClass.ResourceExhaustion)]
    [InlineData("http", "412", FailureClass.StateCorruption)]
    [InlineData("http", "400", FailureClass.LogicError)]
    [InlineData("sqlstate", "40P01", FailureClass.ExternalDependency)]
    [InlineData("sqlstate", "53300", FailureClass.ResourceExhaustion)]
    [InlineData("sqlstate", "XX001", FailureClass.StateCorruption)]
    [InlineData("sqlstate", "42601", FailureClass.LogicError)]
    [InlineData("sqlite", "11", FailureClass.StateCorruption)]
    [InlineData("sqlite", "13", FailureClass.ResourceExhaustion)]
    [InlineData("grpc", "Unavailable", FailureClass.ExternalDependency)]
    [InlineData("errno", "ENOSPC", FailureClass.ResourceExhaustion)]
    [InlineData("hresult", "0x80070070", FailureClass.ResourceExhaustion)]
    public void A_code_decides_whatever_the_words_say(string code, string value, FailureClass expected)
    {
        var crash = Crashes.Facts(message: "Collection was modified", inner: Crashes.Fact("X", "timeout", (code, value)));

        Assert.Equal(expected, FailureClassifier.Classify(crash));
    }

    [Theory]
    [InlineData("System.NullReferenceException", "Ссылка на объект", FailureClass.LogicError)]
    [InlineData("System.OutOfMemoryException", "", FailureClass.ResourceExhaustion)]
    [InlineData("Orleans.Storage.InconsistentStateException", "", FailureClass.StateCorruption)]
    [InlineData("Vendor.DbUpdateConcurrencyException", "", FailureClass.StateCorruption)]
    [InlineData("System.InvalidOperationException", "Timeout expired prior to obtaining a connection from the pool.", FailureClass.ResourceExhaustion)]
    [InlineData("System.InvalidOperationException", "Collection was modified; enumeration operation may not execute.", FailureClass.LogicError)]
    [InlineData("System.InvalidOperationException", "A concurrent update was performed on this collection and corrupted its state.", FailureClass.StateCorruption)]
    [InlineData("System.TimeoutException", "The operation has timed out.", FailureClass.ExternalDependency)]
    [InlineData("System.TimeoutException", "Timeout, IOCP: (Busy=1,Free=999,Min=2,Max=1000), WORKER: (Busy=9,Free=1,Min=2,Max=10)", FailureClass.ResourceExhaustion)]
    [InlineData("System.TimeoutException", "Timeout, IOCP: (Busy=1,Free=999,Min=2,Max=1000), WORKER: (Busy=2,Free=8,Min=2,Max=10)", FailureClass.ExternalDependency)]
    [InlineData("System.Exception", "nothing known", FailureClass.LogicError)]
    public void Types_and_words_decide_when_no_code_does(string type, string message, FailureClass expected)
    {
        Assert.Equal(expected, FailureClassifier.Classify(Crashes.Facts(type: type, message: message)));
    }

    [Theory]
    [InlineData("'<' is an invalid start of a value.", "   at Shop.SettingsStore.Load()", FailureClass.ExternalDependency)]
    [InlineData("'x' is an invalid start of a value.", "   at Shop.SettingsStore.Load()", FailureClass.StateCorruption)]
    [InlineData("'x' is an invalid start of a value.", "   at Shop.PriceHttpClient.Get()", FailureClass.ExternalDependency)]
    [InlineData("'x' is an invalid start of a value.", "   at Shop.Orders.Parse()", FailureClass.LogicError)]
    public void Unreadable_content_belongs_to_where_it_came_from(string message, string stack, FailureClass expected)
    {
        Assert.Equal(expected, FailureClassifier.Classify(Crashes.Facts(type: "System.Text.Json.JsonException", message: message, stack: stack)));
    }

    [Fact]
    public void Our_own_state_facet_outweighs_every_code()
    {
        var crash = Crashes.Facts(inner: Crashes.Fact("X", "", ("socket", "TimedOut"))) with { StateDamaged = true };

        Assert.Equal(FailureClass.StateCorruption, FailureClassifier.Classify(crash));
    }

    [Fact]
    public void A_base_type_counts_as_the_type()
    {
        var fact = new ExceptionFact { Type = "Shop.PriceException", Message = "x", BaseTypes = ["System.Net.Http.HttpRequestException"] };

        Assert.Equal(FailureClass.ExternalDependency, FailureClassifier.Classify(Crashes.Facts() with { Exceptions = [fact] }));
    }
}
