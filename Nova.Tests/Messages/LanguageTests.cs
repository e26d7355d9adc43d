using Nova.Modules.Shared;
using Nova.Modules.Shared.Messages;
using Nova.Tests.Support;

namespace Nova.Tests.Messages;

/// <summary>Which language a client gets.</summary>
public sealed class LanguageTests(LanguageTests.Cloud cloud) : IClassFixture<LanguageTests.Cloud>
{
    private const string Known = "Instance {id} could not be found.";

    public sealed class Cloud : TestCloud;

    [Theory]
    [InlineData("de", "de")]
    [InlineData("DE-at", "de")]
    [InlineData("fr, de;q=0.5", "de")]
    [InlineData("en;q=0.4, de;q=0.5", "de")]
    [InlineData("fr;q=1, de-CH;q=0.9, en;q=0.8", "de")]
    [InlineData("de;q=0.5, en", null)]
    [InlineData("en-GB, de", null)]
    [InlineData("*, de", null)]
    [InlineData("de;q=0", null)]
    [InlineData("fr", null)]
    [InlineData("", null)]
    [InlineData(";;;q=x", null)]
    public void The_best_language_that_knows_the_sentence(string header, string? language)
    {
        var id = "7";
        var said = Languages.Translate(Message.Of($"Instance {id} could not be found."), header);

        Assert.Equal(language, said?.Language);
        if (language is not null)
            Assert.Equal(Languages.Catalogue(language)[Known].Replace("{id}", "7", StringComparison.Ordinal), said?.Message.ToString());
    }

    [Fact]
    public void What_a_catalogue_lacks_is_said_in_English() => Assert.Null(Languages.Translate(Message.Verbatim("qemu said no"), "de"));

    [Theory]
    [InlineData("/v2.1/servers/4b7ebcda-1d9c-4a8b-9c0f-0123456789ab", "OpenStack-API-Version, X-OpenStack-Nova-API-Version, Accept-Language")]
    [InlineData("/network/v2.0/networks/4b7ebcda-1d9c-4a8b-9c0f-0123456789ab", "Accept-Language")]
    public async Task Faults_of_every_API_are_said_in_it(string path, string vary)
    {
        var german = (await cloud.As("ada:blue").With("Accept-Language", "de-DE, en;q=0.5").Get(path)).Is(404);
        Assert.Contains("wurde nicht gefunden", german.Text, StringComparison.Ordinal);
        Assert.Equal(("de", vary), (german.Headers["Content-Language"], german.Headers["Vary"]));

        var english = (await cloud.As("ada:blue").With("Accept-Language", "en").Get(path)).Is(404);
        Assert.Contains("could not be found", english.Text, StringComparison.Ordinal);
        Assert.False(english.Headers.ContainsKey("Content-Language"));
        Assert.DoesNotContain("Accept-Language", english.Headers.GetValueOrDefault("Vary", ""), StringComparison.Ordinal);
    }
}
