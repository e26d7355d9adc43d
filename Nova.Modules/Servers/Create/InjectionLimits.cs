using Nova.Modules.Compute;
using Nova.Modules.Quotas;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Create;

/// <summary>What a create or a rebuild may bring to a guest.</summary>
internal static class InjectionLimits
{
    /// <exception cref="Fault">403: too much.</exception>
    public static void Check(HeldLimits limits, IReadOnlyDictionary<string, string>? metadata, IReadOnlyList<InjectedFile>? personality)
    {
        if (metadata is { Count: var items })
            Check(limits, "metadata_items", items, Fault.Forbidden($"Maximum number of metadata items exceeds {limits["metadata_items"]}"));
        if (personality is not { Count: > 0 } files)
            return;

        Check(limits, "injected_files", files.Count, Fault.Forbidden($"Personality file limit exceeded"));
        Check(
            limits, "injected_file_path_bytes", files.Max(f => f.Path?.Length ?? 0),
            Fault.Forbidden($"Personality file path exceeds maximum {limits["injected_file_path_bytes"]}"));
        Check(
            limits, "injected_file_content_bytes", files.Max(f => (f.Contents?.Length ?? 0) * 3L / 4),
            Fault.Forbidden($"Personality file content exceeds maximum {limits["injected_file_content_bytes"]}"));
    }

    /// <summary>The files as a host gets them.</summary>
    /// <exception cref="Fault">400: one lacks its path or its contents.</exception>
    public static IReadOnlyList<GuestFile> Files(IReadOnlyList<InjectedFile>? personality) =>
        [.. (personality ?? []).Select(file => new GuestFile(
            file.Path ?? throw Fault.BadRequest($"Bad personality format: missing path"),
            new(file.Contents ?? throw Fault.BadRequest($"Bad personality format: missing contents"))))];

    private static void Check(HeldLimits limits, string resource, long wanted, Fault inWords)
    {
        if (limits.IsOver(resource, wanted))
            throw limits.Refusal(resource, 0, wanted, inWords);
    }
}
