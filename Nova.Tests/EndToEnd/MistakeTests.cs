using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.EndToEnd;

/// <summary>What a new user does wrong: each mistake is answered with what happened and what to do next.</summary>
[Trait("Category", "Slow")]
public sealed class MistakeTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("mistakes").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [NeedsFact(Need.OpenStackClient)]
    public async Task Each_mistake_gets_a_message_that_says_what_to_do() => output.WriteLine(await EndToEndScript.Run("mistakes.sh", _work));
}
