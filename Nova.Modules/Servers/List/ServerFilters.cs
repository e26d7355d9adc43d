using System.Globalization;
using System.Text.RegularExpressions;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.List;

/// <summary>Reads filters from a query, by the rules of the original: which ones count depends on version and policy.</summary>
public static partial class ServerFilters
{
    private const string Rules = "os_compute_api:servers:";

    /// <summary>What the query asks for.</summary>
    /// <exception cref="Fault">400 and 403.</exception>
    public static ServerFilter Of(RequestContext caller, ServerListQuery query, bool isDetail)
    {
        var filter = new ServerFilter();
        var seesAll = caller.Allows(Rules + "allow_all_filters");
        Owner(caller, query, isDetail, filter);
        States(caller, query, seesAll, filter);
        ForEverybody(caller, query, seesAll, filter);
        if (seesAll || caller.Since(83))
            From83(query, filter);
        if (seesAll)
            ForAdministrators(query, filter);
        return filter;
    }

    /// <summary>True when servers of all projects are asked for.</summary>
    /// <exception cref="Fault">400: not a boolean.</exception>
    public static bool AllProjects(ServerListQuery query) => query.AllTenants switch
    {
        null => false,
        "" => true,
        var text => Words.Boolean(text) ?? throw Words.NotBoolean(text),
    };

    private static void Owner(RequestContext caller, ServerListQuery query, bool isDetail, ServerFilter filter)
    {
        if (AllProjects(query))
        {
            caller.Require(Rules + (isDetail ? "detail" : "index") + ":get_all_tenants");
            filter.Equal("project_id", query.TenantId ?? query.ProjectId);
        }
        else if (caller.Caller.ProjectId is { } project)
        {
            filter.Equal("project_id", project);
        }
        else
        {
            filter.Equal("user_id", caller.Caller.UserId);
        }
    }

    private static void States(RequestContext caller, ServerListQuery query, bool seesAll, ServerFilter filter)
    {
        var asksDeleted = false;
        if (query.Status is { } statuses)
        {
            var (vmStates, taskStates) = ServerStates.StatesOf(statuses);
            if (vmStates.Count == 0)
            {
                if (caller.Since(38))
                    throw Fault.BadRequest($"Invalid status value");
                filter.Refuse();
            }

            filter.In("vm_state", vmStates);
            if (taskStates is not null)
                filter.In("task_state", taskStates);
            asksDeleted = vmStates is [VmStates.Deleted];
        }
        else if (seesAll || caller.Since(83))
        {
            filter.Equal("vm_state", query.VmState);
            filter.Equal("task_state", query.TaskState);
        }

        if (asksDeleted && !caller.IsAdmin)
            throw Fault.Forbidden($"Only administrators may list deleted instances");
        Deleted(query, seesAll, asksDeleted, filter);
    }

    // A list of changes tells of deleted servers too: that is how a client learns that one is gone.
    private static void Deleted(ServerListQuery query, bool seesAll, bool asksDeleted, ServerFilter filter)
    {
        var (since, before) = (Time(query.ChangesSince, "changes-since"), Time(query.ChangesBefore, "changes-before"));
        if (since > before)
            throw Fault.BadRequest($"The value of changes-since must be less than or equal to changes-before.");
        if (since is { } from)
            filter.Where("updated_at >= @changes_since", "changes_since", from);
        if (before is { } to)
            filter.Where("updated_at <= @changes_before", "changes_before", to);

        if (asksDeleted || (seesAll && query.Deleted is { } deleted && Words.Boolean(deleted) == true))
            filter.Where("deleted_at IS NOT NULL");
        else if ((seesAll && query.Deleted is not null) || (since is null && before is null))
            filter.Where("deleted_at IS NULL");
    }

    private static void ForEverybody(RequestContext caller, ServerListQuery query, bool seesAll, ServerFilter filter)
    {
        Name(query.Name, filter);
        filter.Matches(query.ReservationId, s => s.ReservationId);
        filter.Equal("image_id", query.Image);
        if (query.Flavor is { } flavor)
            filter.Test(s => s.Flavor.Id == flavor);
        Addresses(query.Ip, seesAll || caller.Since(5) ? query.Ip6 : null, filter);
        Tags(query, filter);
        if (query.Locked is { } locked)
            filter.Where((Words.Boolean(locked) ?? throw Words.NotBoolean(locked)) ? "locked_by IS NOT NULL" : "locked_by IS NULL");
    }

    private static void From83(ServerListQuery query, ServerFilter filter)
    {
        filter.Matches(query.AvailabilityZone, s => s.RequestedZone ?? s.Zone);
        ConfigDrive(query.ConfigDrive, filter);
        filter.Matches(query.KeyName, s => s.KeyName);
        filter.Matches(query.CreatedAt, s => Shown(s.CreatedAt));
        filter.Matches(query.LaunchedAt, s => Shown(s.LaunchedAt));
        filter.Matches(query.TerminatedAt, s => Shown(s.TerminatedAt));
        filter.Matches(query.PowerState, s => Number(s.PowerState));
        filter.Matches(query.Progress, s => Number(s.Progress));
        if (query.UserId is { } user)
            filter.Where("user_id = @asked_user_id", "asked_user_id", user);
    }

    private static void ForAdministrators(ServerListQuery query, ServerFilter filter)
    {
        filter.Matches(query.LaunchIndex, s => Number(s.LaunchIndex));
        if (query.ImageRef is { } image)
            filter.Where("image_id = @image_ref", "image_ref", image);
        filter.Equal("host", query.Host);
        filter.Matches(query.KernelId, _ => "");
        filter.Matches(query.RamdiskId, _ => "");
        filter.Matches(query.Hostname, s => s.Hostname);
        filter.Matches(query.Node, s => s.Node);
        filter.Matches(query.DisplayName, s => s.Name);
        filter.Matches(query.DisplayDescription, s => s.Description);
        filter.Matches(query.LockedBy, s => s.LockedBy);
        filter.Matches(query.RootDeviceName, _ => ServerViews.RootDevice);
        filter.Matches(query.AccessIpv4, s => s.AccessIpv4);
        filter.Matches(query.AccessIpv6, s => s.AccessIpv6);
        filter.Matches(query.AutoDiskConfig, s => s.Details.DiskConfig == "AUTO" ? "1" : "0");
        if (query.Uuid is { } uuid && Guid.TryParse(uuid, out var id))
            filter.Where("id = @id", "id", id);
        else if (query.Uuid is not null)
            filter.Refuse();
    }

    // The command line asks for ^name$ to find one server: that needs no look at the others.
    private static void Name(string? expression, ServerFilter filter)
    {
        if (expression is not null && Literal().IsMatch(expression))
            filter.Equal("name", expression[1..^1]);
        else
            filter.Matches(expression, s => s.Name);
    }

    private static void ConfigDrive(string? text, ServerFilter filter)
    {
        if (text is not null && Words.Boolean(text) is { } wanted)
            filter.Where(wanted ? "config_drive = TRUE" : "config_drive = FALSE");
        else
            filter.Matches(text, s => s.ConfigDrive ? "True" : "");
    }

    private static void Addresses(string? ip, string? ip6, ServerFilter filter)
    {
        if (ip is null && ip6 is null)
            return;

        var (v4, v6) = (Beginning(ip), Beginning(ip6));
        filter.Test(s => s.Networks.SelectMany(n => n.Addresses).Any(a => (a.Address.Contains(':', StringComparison.Ordinal) ? v6 : v4)?.IsMatch(a.Address) == true));
    }

    private static void Tags(ServerListQuery query, ServerFilter filter)
    {
        Tags(query.Tags, filter, (tags, asked) => asked.IsSubsetOf(tags));
        Tags(query.TagsAny, filter, (tags, asked) => asked.Overlaps(tags));
        Tags(query.NotTags, filter, (tags, asked) => !asked.IsSubsetOf(tags));
        Tags(query.NotTagsAny, filter, (tags, asked) => !asked.Overlaps(tags));
    }

    private static void Tags(string? text, ServerFilter filter, Func<List<string>, HashSet<string>, bool> test)
    {
        if (text is null)
            return;

        var asked = text.Split(',').ToHashSet(StringComparer.Ordinal);
        filter.Test(s => test(s.Tags(), asked));
    }

    private static long? Time(string? text, string name) => text is null
        ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : throw Fault.BadRequest($"Invalid {name} value");

    private static Regex? Beginning(string? expression) => expression is null ? null : ServerFilter.Expression($"^(?:{expression})");

    private static string? Shown(long? ms) => ms is { } time
        ? DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : null;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\^[A-Za-z0-9_-]+\$\z")]
    private static partial Regex Literal();
}
