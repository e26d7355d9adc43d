using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Aggregates.Images;

/// <summary>The image caches of hosts.</summary>
[SettingsSection("image_cache")]
public sealed record ImageCacheOptions
{
    /// <summary>How many hosts fetch images at a time.</summary>
    [Description("How many hosts fetch an image at a time when an aggregate is told to cache it; more load the image service and the network more.")]
    [Range(1, 1000)]
    public int PrecacheConcurrency { get; init; } = 1;
}

/// <summary>
/// Sees to it that hosts cache what they were asked to: looks at the rows of <c>image_orders</c>, and commands the hosts that
/// this conductor is connected to. Without input, so it can run at any time and be repeated: a host that has the image says so.
/// </summary>
public sealed class ImageOrders(
    ImageOrderStore orders, HostDirectory hosts, IImageStore images, GuestSpecs guests, ImageCacheOptions options, TimeProvider time, ILogger<ImageOrders> logger)
{
    private const int MostAttempts = 5;
    private const long GivenUpAfterMs = 24L * 3600 * 1000;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    private static readonly Caller Self = new() { UserId = "nova-host", Roles = ["admin"] };

    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Looks until cancelled: at once when this process was asked, else from time to time.</summary>
    public async Task Watch(CancellationToken ct)
    {
        orders.Ordered += Wake;
        try
        {
            while (true)
            {
                await TryLook(ct);
                await Rest(ct);
            }
        }
        finally
        {
            orders.Ordered -= Wake;
        }
    }

    /// <summary>Carries out what can be done now; the answer is how many orders were looked at.</summary>
    public async Task<int> Look(CancellationToken ct)
    {
        var due = await orders.Due(ct);
        await Parallel.ForEachAsync(
            due, new ParallelOptions { MaxDegreeOfParallelism = options.PrecacheConcurrency, CancellationToken = ct }, async (order, token) => await Carry(order, token));
        return due.Count;
    }

    private async Task TryLook(CancellationToken ct)
    {
        try
        {
            await Look(ct);
        }
        catch (Fault fault) when (fault.IsTransient)
        {
            logger.CouldNotLook(fault.Message);
        }
    }

    // A host that is not connected here is another conductor's, or is asked when it comes back.
    private async Task Carry(ImageOrder order, CancellationToken ct)
    {
        if (hosts.Find(order.HostId) is not { } link)
        {
            if (time.GetUtcNow().ToUnixTimeMilliseconds() - order.CreatedAt > GivenUpAfterMs)
                await GiveUp(order, "the host did not come back", ct);
            return;
        }

        if (await images.Find(Self, order.ImageId, ct) is not { Status: "active" } image)
        {
            await GiveUp(order, "there is no such active image", ct);
            return;
        }

        var result = await link.Send(
            new CacheImage(await guests.ImageFor(image, order.HostId, ct)) { ServerId = order.Id, Epoch = 0, OperationId = order.Id, Step = "cache" }, ct);
        if (result.Fault is null)
            await Done(order, ct);
        else if (result.Fault.Kind == FaultKind.NotImplemented)
            await GiveUp(order, "its driver keeps no images", ct);
        else if (result.IsLinkLost)
            return;   // looked at again when the host is back
        else
            await Failed(order, result.Fault, ct);
    }

    private async Task Done(ImageOrder order, CancellationToken ct)
    {
        await orders.Delete(order, ct);
        logger.Cached(order.ImageId, order.HostId, order.RequestId);
    }

    private async Task Failed(ImageOrder order, Fault fault, CancellationToken ct)
    {
        if (order.Attempts + 1 >= MostAttempts)
            await GiveUp(order, $"{fault.Message} {fault.Details}", ct);
        else
            await orders.Postpone(order, FirstWait * (1 << order.Attempts), ct);
    }

    private async Task GiveUp(ImageOrder order, string reason, CancellationToken ct)
    {
        await orders.Delete(order, ct);
        logger.NotCached(order.ImageId, order.HostId, order.RequestId, reason);
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is about to look anyway.
        }
    }

    private async Task Rest(CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var tick = Task.Delay(LookEvery, time, either.Token);
        var woken = _wake.WaitAsync(either.Token);
        await Task.WhenAny(tick, woken);
        await either.CancelAsync();
        await Task.WhenAll(tick, woken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }
}

internal static partial class ImageOrdersLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Image {ImageId} is cached on host {HostId} ({RequestId})")]
    public static partial void Cached(this ILogger logger, string imageId, Guid hostId, string requestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Image {ImageId} is not cached on host {HostId} ({RequestId}): {Reason}")]
    public static partial void NotCached(this ILogger logger, string imageId, Guid hostId, string requestId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Which images hosts are to cache could not be looked at: {Reason}")]
    public static partial void CouldNotLook(this ILogger logger, string reason);
}
