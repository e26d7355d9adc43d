using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts whose aggregates have the metadata that the flavor's extra specs ask for.</summary>
internal sealed class AggregateExtraSpecsFilter : IHostFilter
{
    private const string Scope = "aggregate_instance_extra_specs";

    public string Name => "AggregateInstanceExtraSpecsFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var (spec, wanted) in request.Specs())
        {
            if (KeyOf(spec) is not { } key)
                continue;

            var operators = Operators.Of(wanted);
            alive.And(picture.HostsOf(a => a.Values(key).Any(operators.Matches)));
        }
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are in no aggregate with {string.Join(" and ", request.Specs().Where(s => KeyOf(s.Key) is not null).Select(s => $"{KeyOf(s.Key)} {s.Value}"))}");
    }

    private static string? KeyOf(string spec)
    {
        var parts = spec.Split(':', 2);
        return parts.Length == 1 ? spec : parts[0] == Scope ? parts[1] : null;
    }
}

/// <summary>Not the hosts whose aggregates say another value for a property that the image has.</summary>
internal sealed class AggregateImageIsolation(string @namespace, string separator) : IHostFilter
{
    public string Name => "AggregateImagePropertiesIsolation";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var (property, value) in request.ImageProperties)
            if (IsLooked(property) && value.Length > 0)
            {
                var others = picture.HostsOf(a => a.Metadata.ContainsKey(property));
                others.AndNot(picture.HostsOf(a => a.Values(property).Contains(value)));
                alive.AndNot(others);
            }
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are kept for images with other properties");
    }

    private bool IsLooked(string property) => @namespace.Length == 0 || property.StartsWith(@namespace + separator, StringComparison.Ordinal);
}

/// <summary>Hosts of aggregates with <c>filter_tenant_id…</c> take only the projects that it names.</summary>
internal sealed class AggregateTenantFilter : IHostFilter
{
    private const string Key = "filter_tenant_id";

    public string Name => "AggregateMultiTenancyIsolation";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        var others = picture.HostsOf(a => a.ValuesOfAll(Key).Any());
        others.AndNot(picture.HostsOf(a => a.ValuesOfAll(Key).Contains(request.ProjectId)));
        alive.AndNot(others);
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are kept for other projects");
    }
}

/// <summary>Hosts of aggregates with <c>instance_type</c> take only the flavors that it names.</summary>
internal sealed class AggregateTypeFilter : IHostFilter
{
    private const string Key = "instance_type";

    public string Name => "AggregateTypeAffinityFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        var others = picture.HostsOf(a => a.Metadata.ContainsKey(Key));
        others.AndNot(picture.HostsOf(a => request.Flavor is { } flavor && a.Values(Key).Contains(flavor.Name)));
        alive.AndNot(others);
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are kept for other flavors");
    }
}
