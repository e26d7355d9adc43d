using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Create;

/// <summary>What a create or a rebuild may bring to a guest.</summary>
internal static class InjectionLimits
{
    /// <exception cref="Fault">403: too much.</exception>
    public static void Check(IReadOnlyDictionary<string, long> limits, IReadOnlyDictionary<string, string>? metadata, IReadOnlyList<InjectedFile>? personality)
    {
        if (metadata is { Count: var items } && limits["metadata_items"] is >= 0 and var most && items > most)
            throw Fault.Forbidden($"Maximum number of metadata items exceeds {most}");
        if (personality is not { Count: > 0 } files)
            return;

        if (Exceeds(files.Count, limits["injected_files"]))
            throw Fault.Forbidden($"Personality file limit exceeded");
        if (files.Any(f => Exceeds(f.Path?.Length ?? 0, limits["injected_file_path_bytes"])))
            throw Fault.Forbidden($"Personality file path exceeds maximum {limits["injected_file_path_bytes"]}");
        if (files.Any(f => Exceeds((f.Contents?.Length ?? 0) * 3L / 4, limits["injected_file_content_bytes"])))
            throw Fault.Forbidden($"Personality file content exceeds maximum {limits["injected_file_content_bytes"]}");
    }

    /// <summary>The files as a host gets them.</summary>
    /// <exception cref="Fault">400: one lacks its path or its contents.</exception>
    public static IReadOnlyList<GuestFile> Files(IReadOnlyList<InjectedFile>? personality) =>
        [.. (personality ?? []).Select(file => new GuestFile(
            file.Path ?? throw Fault.BadRequest($"Bad personality format: missing path"),
            new(file.Contents ?? throw Fault.BadRequest($"Bad personality format: missing contents"))))];

    private static bool Exceeds(long value, long limit) => limit >= 0 && value > limit;
}
