using System.Text.Json;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling.Remote;

namespace Nova.Modules.Scheduling.Explain;

/// <summary>
/// A decision that can be made again elsewhere: the request, the picture and the settings, with the answer. Holds names of hosts
/// and ids of servers, so that it is for administrators alone.
/// </summary>
public sealed record Recording
{
    /// <summary>The form of the file.</summary>
    public const int CurrentForm = 1;

    /// <summary>How many hosts are looked at one by one.</summary>
    private const int MostFitted = 10_000;

    /// <summary>Rises when an older release cannot read the file any more.</summary>
    public int Form { get; init; } = CurrentForm;

    /// <summary>The release that wrote it.</summary>
    public required string Release { get; init; }

    /// <summary>When, in milliseconds since 1970 UTC.</summary>
    public required long At { get; init; }

    /// <summary>The scheduler's settings.</summary>
    public required SchedulerOptions Settings { get; init; }

    /// <summary>What was asked.</summary>
    public required PlacementRequest Request { get; init; }

    /// <summary>All hosts, without what the request's own server holds.</summary>
    public required PictureSnapshot Picture { get; init; }

    /// <summary>The answer.</summary>
    public required Verdict Answer { get; init; }

    /// <summary>Decides on a picture, and keeps everything that it was decided from.</summary>
    public static Recording Of(Question question, PictureSnapshot picture, SchedulerOptions settings, TimeProvider time)
    {
        var without = Without(picture, question);
        return new()
        {
            Release = Shared.Release.Version,
            At = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Settings = settings,
            Request = question.Request,
            Picture = without,
            Answer = Decide(without, settings, question.Request, time),
        };
    }

    /// <summary>The same decision again; with the same release it is the same answer.</summary>
    /// <exception cref="SettingsOfRecordingException">The settings name a filter, weigher or assembly that is not here.</exception>
    public Verdict Replay(TimeProvider time) =>
        SchedulerParts.Problems(Settings).FirstOrDefault() is { } problem
            ? throw new SettingsOfRecordingException(problem.ErrorMessage!)
            : Decide(Picture, Settings, Request, time);

    /// <summary>As it is written to a file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SchedulerJson.Options);

    /// <summary>Of a file; null when it is none.</summary>
    public static Recording? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<Recording>(json, SchedulerJson.Options) is { Form: CurrentForm } recording ? recording : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Verdict Decide(PictureSnapshot picture, SchedulerOptions settings, PlacementRequest request, TimeProvider time)
    {
        var chooser = new Chooser(settings, time);
        chooser.Load(picture);
        chooser.Begin();
        return chooser.Try(request, MostFitted);
    }

    // What the server holds now does not stand in its own way.
    private static PictureSnapshot Without(PictureSnapshot picture, Question question)
    {
        var servers = question.Request.Servers;
        var held = question.Held.ToLookup(p => p.ProviderId);
        return picture with
        {
            Servers = [.. picture.Servers.Where(s => !servers.Contains(s.Id))],
            Members = [.. picture.Members.Where(m => !servers.Contains(m.ServerId))],
            Hardware = [.. picture.Hardware.Where(h => !servers.Contains(h.ConsumerId))],
            Providers = [.. picture.Providers.Select(p => held.Contains(p.Id) ? Free(p, held[p.Id].SelectMany(h => h.Resources)) : p)],
        };
    }

    private static ProviderState Free(ProviderState provider, IEnumerable<ResourceAmount> held)
    {
        var amounts = held.GroupBy(r => r.Class, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(r => r.Amount), StringComparer.Ordinal);
        return provider with { Inventories = [.. provider.Inventories.Select(i => i with { Used = Math.Max(0, i.Used - amounts.GetValueOrDefault(i.Class)) })] };
    }
}

/// <summary>A recording cannot be replayed here; the message says what its settings name that is missing.</summary>
public sealed class SettingsOfRecordingException(string message) : Exception(message);
