namespace Nova.Tests.Bench;

/// <summary>The entry of <c>./bench.sh</c>: this assembly is a program whose only command is to run a benchmark.</summary>
public static class BenchProgram
{
    /// <summary>Runs the benchmark that the first argument names.</summary>
    public static async Task<int> Main(string[] args)
    {
        // Some tests start this program as a child, to kill it.
        if (args is [Support.ChildProgram.WriteNotes, var kind, var address])
            return await Support.ChildProgram.Run(kind, address);

        IBench[] benches = [.. typeof(BenchProgram).Assembly.GetTypes().Where(type => type.IsClass && typeof(IBench).IsAssignableFrom(type)).Select(type => (IBench)Activator.CreateInstance(type)!).OrderBy(bench => bench.Name)];
        var bench = Array.Find(benches, candidate => args.Length > 0 && candidate.Name == args[0]);
        if (bench is null)
        {
            await PrintUsage(benches);
            return args is ["--help"] ? 0 : 2;
        }

        try
        {
            var options = BenchOptions.Parse(args[1..]);
            options.RefuseUnknown(bench.Options);
            await bench.Run(options, Console.Out);
            return 0;
        }
        catch (Exception e) when (e is BenchFailure or FormatException)
        {
            await Console.Error.WriteLineAsync($"bench: {e.Message}");
            return e is BenchFailure ? 1 : 2;
        }
    }

    private static async Task PrintUsage(IBench[] benches)
    {
        await Console.Error.WriteLineAsync("usage: ./bench.sh NAME [options]");
        foreach (var bench in benches)
            await Console.Error.WriteLineAsync($"\n{bench.Name}\n  {bench.Options.TrimEnd().Replace("\n", "\n  ", StringComparison.Ordinal)}");
    }
}

/// <summary>The benchmark cannot be run, or what it found is not what it should be.</summary>
public sealed class BenchFailure(string message) : Exception(message);
