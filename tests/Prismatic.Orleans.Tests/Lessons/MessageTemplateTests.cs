using Prismatic.Lessons;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class MessageTemplateTests
{
    [Theory]
    [InlineData("SQLite Error 11: 'database disk image is malformed'.", "SQLite Error 11: '<text>'.")]
    [InlineData("40P01: deadlock detected", "40P01: deadlock detected")]
    [InlineData("No connection could be made because it refused it (10061)", "No connection could be made because it refused it (10061)")]
    [InlineData("Response status code does not indicate success: 503 (Service Unavailable).", "Response status code does not indicate success: 503 (Service Unavailable).")]
    [InlineData("The remote server returned an error: (503) Server Unavailable.", "The remote server returned an error: (503) Server Unavailable.")]
    [InlineData("Status(StatusCode=Unavailable, Detail=Empty update)", "Status(StatusCode=Unavailable, Detail=Empty update)")]
    [InlineData("failed with 0x80131904", "failed with 0x80131904")]
    [InlineData("ORA-12541: no listener", "ORA-12541: no listener")]
    [InlineData("exit code 137", "exit code 137")]
    public void Error_codes_stay(string message, string expected) => Assert.Equal(expected, MessageTemplate.Of(message));

    [Theory]
    [InlineData("Timeout performing GET 292", "Timeout performing GET <n>")]
    [InlineData("Order 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is gone", "Order <id> is gone")]
    [InlineData("Order INV20012A9 is gone", "Order <id> is gone")]
    [InlineData("hash 9f86d081884c7d65 differs", "hash <hex> differs")]
    [InlineData("at 0x7f3a", "at <hex>")]
    [InlineData("Connection refused 172.18.0.5:5672", "Connection refused <host>")]
    [InlineData("Connection refused (localhost:5051)", "Connection refused (<host>)")]
    [InlineData("GET https://a.example/x?id=1 failed", "GET <url> failed")]
    [InlineData("Could not find file '/var/lib/x/y.json'.", "Could not find file '<text>'.")]
    [InlineData("cannot open /var/lib/x/y.json now", "cannot open <path> now")]
    [InlineData("cannot open C:\\data\\y.json now", "cannot open <path> now")]
    [InlineData("at 2019-11-17T00:34:22.375Z after 00:00:15", "at <time> after <time>")]
    [InlineData("expected to affect 1 row(s) but actually affected 0 row(s).", "expected to affect <n> row(s) but actually affected <n> row(s).")]
    [InlineData("The given key 'Natayark' was not present", "The given key '<text>' was not present")]
    [InlineData("took 15000ms", "took <n>")]
    public void What_varies_becomes_a_placeholder(string message, string expected) => Assert.Equal(expected, MessageTemplate.Of(message));

    [Theory]
    [InlineData("Exception of type 'System.OutOfMemoryException' was thrown.")]
    [InlineData("Cannot access a disposed object. Object name: 'AppDbContext'.")]
    [InlineData("'0x00' is an invalid start of a value.")]
    [InlineData("Cannot convert Int32 to utf8")]
    public void Names_of_types_and_single_signs_stay(string message) => Assert.Equal(message, MessageTemplate.Of(message));

    [Fact]
    public void Line_breaks_become_spaces_and_300_characters_are_the_limit()
    {
        Assert.Equal("a b", MessageTemplate.Of(" a\r\n\tb "));
        Assert.Equal(300, MessageTemplate.Of(string.Concat(Enumerable.Repeat("word ", 100))).Length);
    }
}
