using System.Text.Json;
using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Image.Embedded;

/// <summary>One change of a JSON patch.</summary>
/// <param name="Op">add, replace or remove.</param>
/// <param name="Name">The attribute or property.</param>
/// <param name="Value">Null for remove.</param>
public sealed record ImageChange(string Op, string Name, JsonElement? Value);

/// <summary>The attributes of an image that clients write, each with its rule; everything else is a property.</summary>
internal static class ImageMembers
{
    private static readonly HashSet<string> ReadOnly = new(StringComparer.Ordinal)
    {
        "created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self", "file", "schema", "id", "os_hash_algo", "os_hash_value",
    };

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal) { "deleted", "deleted_at", "is_public", "locations", "properties", "members" };

    private static readonly HashSet<string> Base = new(StringComparer.Ordinal)
    {
        "name", "visibility", "disk_format", "container_format", "min_disk", "min_ram", "protected", "os_hidden", "tags", "owner",
    };

    private static readonly string[] ContainerFormats = ["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"];

    public static bool IsAttribute(string name) => Base.Contains(name) || ReadOnly.Contains(name);

    public static ImageRow Set(Caller caller, ImageRow image, string name, JsonElement value)
    {
        if (ReadOnly.Contains(name))
            throw Fault.Forbidden($"Attribute '{name}' is read-only.");
        if (Reserved.Contains(name))
            throw Fault.Forbidden($"Attribute '{name}' is reserved.");

        return name switch
        {
            "name" => image with { Name = Text(name, value) },
            "visibility" => image with { Visibility = Visibility(caller, image, Text(name, value)) },
            "disk_format" => image with { DiskFormat = Format(image, name, Text(name, value), ImageInspector.Accepted) },
            "container_format" => image with { ContainerFormat = Format(image, name, Text(name, value), ContainerFormats) },
            "min_disk" => image with { MinDisk = Number(name, value) },
            "min_ram" => image with { MinRam = Number(name, value) },
            "protected" => image with { Protected = Flag(name, value) },
            "os_hidden" => image with { OsHidden = Flag(name, value) },
            "owner" => image with { Owner = Owner(caller, Text(name, value)) },
            "tags" => image with { Tags = JsonSerializer.Serialize(Tags(value)) },
            _ => WithProperty(image, name, Text(name, value)),
        };
    }

    public static ImageRow Remove(ImageRow image, string name)
    {
        if (IsAttribute(name))
            throw Fault.Forbidden($"Attribute '{name}' is not removable.");

        var properties = image.PropertyMap();
        if (!properties.Remove(name))
            throw Fault.Conflict($"Property {name} does not exist.");
        return image with { Properties = JsonSerializer.Serialize(properties) };
    }

    /// <summary>Replacing a property that is not there is refused; adding one that is there replaces it.</summary>
    public static ImageRow CheckOp(ImageRow image, ImageChange change) =>
        change.Op == "replace" && !IsAttribute(change.Name) && !Reserved.Contains(change.Name) && !image.PropertyMap().ContainsKey(change.Name)
            ? throw Fault.Conflict($"Property {change.Name} does not exist.")
            : image;

    public static string[] CheckTag(string tag) => tag.Length is > 0 and <= 255 ? [tag] : throw Bad("tags", "a tag has 1 to 255 characters");

    private static string Visibility(Caller caller, ImageRow image, string? wanted)
    {
        if (wanted is not ("public" or "private" or "shared" or "community"))
            throw Bad("visibility", $"'{wanted}' is not one of ['community', 'public', 'private', 'shared']");
        if (wanted == "public" && image.Visibility != "public" && !caller.HasRole("admin"))
            throw ImageService.NotAuthorized("publicize_image");
        return wanted;
    }

    private static string? Format(ImageRow image, string name, string? format, IReadOnlyList<string> accepted)
    {
        if (format is not null && !accepted.Contains(format))
            throw Bad(name, $"'{format}' is not one of [{string.Join(", ", accepted.Select(a => $"'{a}'"))}]");
        if (image.Status != "queued" && format != (name == "disk_format" ? image.DiskFormat : image.ContainerFormat))
            throw Fault.Forbidden($"Attribute {name} can be only replaced for a queued image.");
        return format;
    }

    private static string Owner(Caller caller, string? owner)
    {
        if (owner is null or "" || (owner != caller.ProjectId && !caller.HasRole("admin")))
            throw Fault.Forbidden($"You are not permitted to create images owned by '{owner}'.");
        return owner;
    }

    private static ImageRow WithProperty(ImageRow image, string name, string? value)
    {
        if (name.Length is 0 or > 255)
            throw Bad("name", "a property's name has 1 to 255 characters");

        var properties = image.PropertyMap();
        if (properties.Count >= 128 && !properties.ContainsKey(name))
            throw new Fault(FaultKind.TooLarge, Message.Of($"The limit has been exceeded on the number of allowed image properties. Attempted: {properties.Count + 1}, Maximum: 128"));
        properties[name] = value ?? "";
        return image with { Properties = JsonSerializer.Serialize(properties) };
    }

    private static List<string> Tags(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(t => CheckTag(Text("tags", t) ?? "")[0]).Distinct(StringComparer.Ordinal)]
            : throw Bad("tags", "is not a list");

    private static string? Text(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw Bad(name, $"{value.GetRawText()} is not of type 'null', 'string'");

        var text = value.GetString()!;
        return text.Length <= 65_535 && (text.Length <= 255 || !Base.Contains(name)) && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw Bad(name, "the text is too long");
    }

    private static int Number(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 ? number : throw Bad(name, $"{value.GetRawText()} is not an integer from 0 to 2147483647");

    private static bool Flag(string name, JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Bad(name, $"{value.GetRawText()} is not of type 'boolean'");

    private static Fault Bad(string name, string reason) => Fault.BadRequest($"Provided object does not match schema 'image': {name}: {reason}");
}
