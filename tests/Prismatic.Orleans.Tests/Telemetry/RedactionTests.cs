using Prismatic.Telemetry;
using Xunit;

namespace Prismatic.Tests.Telemetry;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("Host=db;Username=app;Password=hunter2;Database=x", "Host=db;Username=app;Password=***;Database=x")]
    [InlineData("Server=db;User ID=sa;Pwd=my \"odd, secret;Encrypt=true", "Server=db;User ID=sa;Pwd=***;Encrypt=true")]
    [InlineData("Server=db;Password=last1", "Server=db;Password=***")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=Zm9vYmFyYmF6cXV4;EndpointSuffix=core", "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=***;EndpointSuffix=core")]
    [InlineData("Endpoint=sb://bus/;SharedAccessKeyName=Root;SharedAccessKey=abc123=", "Endpoint=sb://bus/;SharedAccessKeyName=Root;SharedAccessKey=***")]
    [InlineData("Authorization: Bearer abc.def-123", "Authorization: Bearer ***")]
    [InlineData("{\"authorization\":\"Basic dXNlcjpwYXNz\"}", "{\"authorization\":\"Basic ***\"}")]
    [InlineData("sent Bearer AbCdEfGh12345678 to the server", "sent Bearer *** to the server")]
    [InlineData("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl was refused", "token [token] was refused")]
    [InlineData("api_key=12345abcde&page=2", "api_key=***&page=2")]
    [InlineData("x-api-key: 12345abcde", "x-api-key: ***")]
    [InlineData("{\"apiKey\": \"abc\", \"code\": 40001}", "{\"apiKey\": ***, \"code\": 40001}")]
    [InlineData("{\\\"password\\\":\\\"abc\\\"}", "{\\\"password\\\":***}")]
    [InlineData("<password>abc</password>", "<password>***</password>")]
    [InlineData("https://host/blob?sv=2020&sig=aB3%2Fd9ZZ&se=1", "https://host/blob?sv=2020&sig=***&se=1")]
    [InlineData("DB_PASSWORD=abc CLIENT_SECRET='x y' REGION=eu", "DB_PASSWORD=*** CLIENT_SECRET=*** REGION=eu")]
    [InlineData("run --password hunter2hunter2hunter2 now", "run --password *** now")]
    [InlineData("amqp://guest:guest@localhost:5672/v", "amqp://***@localhost:5672/v")]
    [InlineData("postgres://app:p/a:s#s@db/x failed", "postgres://***@db/x failed")]
    [InlineData("https://onlyuser@host/x", "https://***@host/x")]
    [InlineData("mail to jan.novak+x@example.co.uk failed", "mail to [email] failed")]
    [InlineData("?user=jan%40example.com&x=1", "?user=[email]&x=1")]
    [InlineData("key 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c is wrong", "key *** is wrong")]
    [InlineData("used ghp_abcdefghijklmnop1234 and AKIAIOSFODNN7EXAMPLE", "used [token] and [token]")]
    [InlineData("before -----BEGIN PRIVATE KEY-----\nMIIE+/=\nxyz\n-----END PRIVATE KEY----- after", "before [pem] after")]
    [InlineData("cut -----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\nxy", "cut [pem]")]
    [InlineData("pass\u001b[31mword=abc", "password=***")]
    public void A_secret_is_taken_out_and_what_stands_around_it_stays(string text, string expected)
    {
        Assert.Equal(expected, Redaction.Scrub(text));
    }

    [Theory]
    [InlineData("No connection could be made (10061) 127.0.0.1:5672")]
    [InlineData("40P01: deadlock detected")]
    [InlineData("SQLite Error 11: 'database disk image is malformed'.")]
    [InlineData("0x80131904 after 30 s, status 503")]
    [InlineData("   at Prismatic.Osint.SourceManager.Query(String key, CancellationToken token) in /src/SourceManager.cs:line 42")]
    [InlineData("case 3f2504e0-4f89-11d3-9a0c-0305e82c3301 was not found")]
    [InlineData("The given key 'Natayark' was not present in the dictionary.")]
    [InlineData("key 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is unknown")]
    [InlineData("Unexpected token: StartObject. Path: $ | LineNumber: 0")]
    [InlineData("Basic authentication required")]
    [InlineData("System.Private.CoreLib, Version=10.0.0.0, Culture=neutral, PublicKeyToken=7cec85d7bea7798e")]
    [InlineData("User ID=sa;Database=x")]
    [InlineData("see https://example.org/@scope/package for more")]
    [InlineData("package left-pad@1.2.3")]
    [InlineData("Row 7 of PartitionKey=abc")]
    [InlineData("The monkey passed the test at line 12")]
    [InlineData("první řádek\n\tdruhý 🙂")]
    public void What_only_looks_like_a_secret_stays(string text)
    {
        Assert.Equal(text, Redaction.Scrub(text));
    }

    [Theory]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("a\u001b]0;title\u0007b", "ab")]
    [InlineData("a\rb\0c\u009bd\u202ee", "abcde")]
    [InlineData("\u001b", "")]
    public void Control_characters_and_terminal_sequences_go(string text, string expected)
    {
        Assert.Equal(expected, Redaction.Scrub(text));
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character()
    {
        Assert.Equal("half \ufffd pair", Redaction.Scrub("half \ud83d pair"));
    }

    [Fact]
    public void A_text_of_exactly_the_cap_stays_and_one_more_ends_with_an_ellipsis()
    {
        Assert.Equal("abcde", Redaction.Scrub("abcde", maxLength: 5));
        Assert.Equal("abcd…", Redaction.Scrub("abcdef", maxLength: 5));
        Assert.Equal("abc…", Redaction.Scrub("abc🙂ef", maxLength: 5));
    }

    [Fact]
    public void A_secret_across_the_cap_does_not_show_its_beginning()
    {
        Assert.Equal("xx password=***", Redaction.Scrub("xx password=" + new string('s', 3000), maxLength: 20));
    }

    [Fact]
    public void Redacting_twice_changes_nothing()
    {
        var once = Redaction.Scrub("amqp://a:b@h Password=x;Bearer AbCd1234 jan@example.com {\"token\":\"abc123\"}");

        Assert.Equal(once, Redaction.Scrub(once));
    }
}
