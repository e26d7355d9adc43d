using System.Globalization;
using System.Text;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Queries;
using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Placement.Traits;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Providers;

/// <summary>Which providers a list shows; everything that is asked for holds.</summary>
internal sealed record ProviderFilter
{
    public string? Name { get; init; }

    public Guid? Id { get; init; }

    public Guid? InTree { get; init; }

    public AggregateTerms Aggregates { get; init; } = AggregateTerms.None;

    public TraitTerms Traits { get; init; } = TraitTerms.None;

    public IReadOnlyList<ResourceAmount> Resources { get; init; } = [];

    /// <summary>What a query asks for.</summary>
    /// <exception cref="Fault">400.</exception>
    public static ProviderFilter Of(RequestContext caller)
    {
        caller.CheckQuery(ProviderForms.List);
        return new()
        {
            Aggregates = AggregateTerms.Of(caller),
            Traits = TraitTerms.Of(caller, "required"),
            Id = caller.Query("uuid") is { } id ? Uuids.Parse(id) : null,
            Name = caller.Query("name") is { Length: > 0 } name ? name : null,
            InTree = caller.Query("in_tree") is { } tree ? Uuids.Parse(tree) : null,
            Resources = caller.Query("resources") is { } resources ? ResourceTerms.Parse(resources) : [],
        };
    }

    /// <summary>The providers, oldest first.</summary>
    /// <exception cref="Fault">400: a class or trait that does not exist.</exception>
    public async Task<List<Provider>> List(Rows rows)
    {
        await RequireNames(rows);
        var (where, values) = Where();
        return await rows.Many($"SELECT {ProviderRows.Columns} FROM resource_providers p {where} ORDER BY p.created_at, p.id", ProviderRows.Read, [.. values]);
    }

    private async Task RequireNames(Rows rows)
    {
        if (await TraitRows.Unknown(rows, [.. Traits.Names]) is { Count: > 0 } traits)
            throw Fault.BadRequest($"Invalid trait(s) in \"required\" parameter: No such trait(s): {string.Join(", ", traits)}.");
        if (await ClassRows.Unknown(rows, [.. Resources.Select(r => r.Class)]) is [var unknown, ..])
            throw Fault.BadRequest($"Invalid resource class in resources parameter: No such resource class {unknown}.");
    }

    private (string Sql, List<SqlValue> Values) Where()
    {
        var conditions = new List<string>();
        var values = new List<SqlValue>();
        if (Name is not null)
            conditions.Add($"p.name = {Next(Name)}");
        if (Id is { } id)
            conditions.Add($"p.id = {Next(id)}");
        if (InTree is { } tree)
            conditions.Add($"p.root_id = (SELECT root_id FROM resource_providers WHERE id = {Next(tree)})");
        foreach (var any in Traits.Required)
            conditions.Add(HasTrait(any));
        if (Traits.Forbidden.Count > 0)
            conditions.Add("NOT " + HasTrait(Traits.Forbidden));
        foreach (var any in Aggregates.Required)
            conditions.Add(IsIn(any));
        if (Aggregates.Forbidden.Count > 0)
            conditions.Add("NOT " + IsIn(Aggregates.Forbidden));
        foreach (var amount in Resources)
            conditions.Add(Fits(amount));
        return (conditions.Count == 0 ? "" : new StringBuilder("WHERE ").AppendJoin(" AND ", conditions).ToString(), values);

        string Next(SqlValue value)
        {
            values.Add(value);
            return string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
        }

        string HasTrait(IEnumerable<string> names) =>
            $"EXISTS (SELECT 1 FROM provider_traits t WHERE t.provider_id = p.id AND t.trait IN ({string.Join(", ", names.Select(name => Next(name)))}))";

        string IsIn(IEnumerable<Guid> aggregates) =>
            $"EXISTS (SELECT 1 FROM provider_aggregates a WHERE a.provider_id = p.id AND a.aggregate_id IN ({string.Join(", ", aggregates.Select(a => Next(a)))}))";

        string Fits(ResourceAmount wanted)
        {
            var (name, amount) = (Next(wanted.Class), Next(wanted.Amount));
            return $"""
                EXISTS (SELECT 1 FROM inventories i WHERE i.provider_id = p.id AND i.class = {name} AND i.used + {amount} <= (i.total - i.reserved) * i.allocation_ratio
                    AND {amount} BETWEEN i.min_unit AND i.max_unit AND {amount} % i.step_size = 0)
                """;
        }
    }
}
