using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Inventories;
using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Reshaper;

/// <summary>What a reshaper's request may be.</summary>
internal static class ReshaperForms
{
    public static readonly Versions Reshape = new([.. AllocationForms.Reshape.Forms.Select(form => (form.Since, new Schema(
        Type("object"),
        Members(
            ("inventories", new(Type("object"), Named((UuidPattern, InventoryForms.OfProvider)), new MinPropertiesKeyword(1), Closed)),
            ("allocations", form.Schema)),
        Required("inventories", "allocations"),
        Closed)))]);
}
