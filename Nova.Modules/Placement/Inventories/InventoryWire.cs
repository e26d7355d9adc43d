using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Placement.Providers;

namespace Nova.Modules.Placement.Inventories;

/// <summary>All inventories of a provider.</summary>
internal sealed record InventoriesResponse(long ResourceProviderGeneration, IReadOnlyDictionary<string, InventoryResponse> Inventories)
{
    public static InventoriesResponse Of(Provider provider, IEnumerable<Inventory> inventories) =>
        new(provider.Generation, inventories.ToDictionary(i => i.Class, i => InventoryResponse.Of(i)));
}

/// <summary>One inventory.</summary>
internal sealed record InventoryResponse
{
    // The original leaves out a generation of 0.
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ResourceProviderGeneration { get; init; }

    public long Total { get; init; }

    public long Reserved { get; init; }

    public long MinUnit { get; init; }

    public long MaxUnit { get; init; }

    public long StepSize { get; init; }

    [JsonConverter(typeof(FloatConverter))]
    public double AllocationRatio { get; init; }

    public static InventoryResponse Of(Inventory inventory, long generation = 0) => new()
    {
        ResourceProviderGeneration = generation,
        Total = inventory.Total,
        Reserved = inventory.Reserved,
        MinUnit = inventory.MinUnit,
        MaxUnit = inventory.MaxUnit,
        StepSize = inventory.StepSize,
        AllocationRatio = inventory.AllocationRatio,
    };
}

/// <summary>Writes a number with a fraction also where it has none, as the original does: 16.0.</summary>
internal sealed class FloatConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsInteger(value) && Math.Abs(value) < 1e15)
            writer.WriteRawValue(value.ToString("F1", CultureInfo.InvariantCulture));
        else
            writer.WriteNumberValue(value);
    }
}
