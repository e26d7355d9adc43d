using Nova.Modules.Images;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The JSON schemas that clients read before they write, and what can be imported (nothing).</summary>
public sealed class ImageSchemaEndpoints : IEndpoints
{
    private static readonly Dictionary<string, object> Image = new()
    {
        ["name"] = "image",
        ["properties"] = new Dictionary<string, object>
        {
            ["id"] = Text("An identifier for the image"),
            ["name"] = Nullable("Descriptive name for the image"),
            ["status"] = ReadOnly("Status of the image"),
            ["visibility"] = new { type = "string", description = "Scope of image accessibility", @enum = new[] { "community", "public", "private", "shared" } },
            ["protected"] = new { type = "boolean", description = "If true, image will not be deletable." },
            ["os_hidden"] = new { type = "boolean", description = "If true, image will not appear in default image list response." },
            ["checksum"] = ReadOnly("md5 hash of image contents."),
            ["os_hash_algo"] = ReadOnly("Algorithm to calculate the os_hash_value"),
            ["os_hash_value"] = ReadOnly("Hexdigest of the image contents using the algorithm specified by the os_hash_algo"),
            ["owner"] = Nullable("Owner of the image"),
            ["size"] = Number("Size of image file in bytes"),
            ["virtual_size"] = Number("Virtual size of image in bytes"),
            ["container_format"] = Nullable("Format of the container"),
            ["disk_format"] = new { type = new[] { "null", "string" }, description = "Format of the disk", @enum = ImageInspector.Accepted },
            ["created_at"] = ReadOnly("Date and time of image registration"),
            ["updated_at"] = ReadOnly("Date and time of the last image modification"),
            ["tags"] = new { type = "array", description = "List of strings related to the image", items = new { type = "string", maxLength = 255 } },
            ["min_ram"] = new { type = "integer", description = "Amount of ram (in MB) required to boot image." },
            ["min_disk"] = new { type = "integer", description = "Amount of disk space (in GB) required to boot image." },
            ["self"] = ReadOnly("An image self url"),
            ["file"] = ReadOnly("An image file url"),
            ["schema"] = ReadOnly("An image schema url"),
        },
        ["additionalProperties"] = new { type = "string" },
        ["links"] = new[] { new { rel = "self", href = "{self}" }, new { rel = "enclosure", href = "{file}" }, new { rel = "describedby", href = "{schema}" } },
    };

    private static readonly Dictionary<string, object> Member = new()
    {
        ["name"] = "member",
        ["properties"] = new Dictionary<string, object>
        {
            ["image_id"] = Text("An identifier for the image"),
            ["member_id"] = Text("An identifier for the image member (tenantId)"),
            ["status"] = new { type = "string", description = "The status of this image member", @enum = new[] { "pending", "accepted", "rejected" } },
            ["created_at"] = ReadOnly("Date and time of image member creation"),
            ["updated_at"] = ReadOnly("Date and time of last modification of image member"),
            ["schema"] = ReadOnly("A member schema url"),
        },
    };

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v2/schemas/image", (_, _) => Task.FromResult(Answer.Json(Image))).AnyCaller();
        routes.Get("/v2/schemas/images", (_, _) => Task.FromResult(Answer.Json(ListOf("images", Image)))).AnyCaller();
        routes.Get("/v2/schemas/member", (_, _) => Task.FromResult(Answer.Json(Member))).AnyCaller();
        routes.Get("/v2/schemas/members", (_, _) => Task.FromResult(Answer.Json(ListOf("members", Member)))).AnyCaller();
        routes.Get("/v2/info/import", (_, _) => Task.FromResult(Answer.Json(new Dictionary<string, object>
        {
            ["import-methods"] = new { description = "Import methods available.", type = "array", value = Array.Empty<string>() },
        }))).AnyCaller();
    }

    private static Dictionary<string, object> ListOf(string name, object item) => new()
    {
        ["name"] = name,
        ["properties"] = new Dictionary<string, object>
        {
            [name] = new { type = "array", items = item },
            ["first"] = new { type = "string" },
            ["next"] = new { type = "string" },
            ["schema"] = new { type = "string" },
        },
    };

    private static object Text(string description) => new { type = "string", description };

    private static object Nullable(string description) => new { type = new[] { "null", "string" }, description };

    private static object ReadOnly(string description) => new { type = new[] { "null", "string" }, readOnly = true, description };

    private static object Number(string description) => new { type = new[] { "null", "integer" }, readOnly = true, description };
}
