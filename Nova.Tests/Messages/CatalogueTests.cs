using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nova.Modules.Shared.Messages;
using Nova.Tests.Support;

namespace Nova.Tests.Messages;

/// <summary>The catalogues of sentences, compared with the code.</summary>
public sealed partial class CatalogueTests
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Translations => [.. Languages.All];

    [Fact]
    public void English_is_complete_which_is_what_the_code_says() => Snapshot.Compare(
        "Nova.Modules/Shared/Messages/en.json",
        $"[\n{string.Join(",\n", CodeTemplates.All.Select(template => "  " + JsonSerializer.Serialize(template, Plain)))}\n]\n");

    [Fact]
    public void The_code_is_read_right()
    {
        Assert.Contains("Instance {id} could not be found.", CodeTemplates.All);
        Assert.Contains("Policy doesn't allow {rule} to be performed.", CodeTemplates.All);
        Assert.Contains("Version {version} is not supported by the API. Minimum is {Min} and maximum is {Max}.", CodeTemplates.All);
        Assert.True(CodeTemplates.All.Count > 400, $"{CodeTemplates.All.Count} templates");
    }

    [Theory]
    [MemberData(nameof(Translations))]
    public void Every_key_of_a_translation_is_in_the_code_and_its_text_has_the_same_placeholders(string language)
    {
        var known = CodeTemplates.All.ToHashSet();
        var catalogue = Languages.Catalogue(language);

        Assert.NotEmpty(catalogue);
        Assert.DoesNotContain(catalogue.Keys, key => !known.Contains(key));
        Assert.Empty(catalogue.Where(entry => !Placeholders(entry.Key).SequenceEqual(Placeholders(entry.Value))).Select(entry => $"{entry.Key} → {entry.Value}"));
        Assert.Empty(catalogue.Where(entry => entry.Value.Trim().Length == 0 || entry.Value == entry.Key).Select(entry => entry.Key));
    }

    private static IEnumerable<string> Placeholders(string template) =>
        Placeholder().Matches(template.Replace("{{", "", StringComparison.Ordinal).Replace("}}", "", StringComparison.Ordinal)).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();
}
