using System.Globalization;

namespace Nova.Drivers.Image.Embedded;

/// <summary>How images look on the wire.</summary>
internal static class ImageWire
{
    public static Dictionary<string, object?> Of(ImageRow image)
    {
        var view = new Dictionary<string, object?>();
        foreach (var (name, value) in image.PropertyMap())
            view[name] = value;
        view["id"] = image.Id;
        view["name"] = image.Name;
        view["status"] = image.Status;
        view["visibility"] = image.Visibility;
        view["owner"] = image.Owner;
        view["disk_format"] = image.DiskFormat;
        view["container_format"] = image.ContainerFormat;
        view["size"] = image.Size;
        view["virtual_size"] = image.VirtualSize;
        view["min_disk"] = image.MinDisk;
        view["min_ram"] = image.MinRam;
        view["protected"] = image.Protected;
        view["os_hidden"] = image.OsHidden;
        view["checksum"] = image.Checksum;
        view["os_hash_algo"] = image.OsHashAlgo;
        view["os_hash_value"] = image.OsHashValue;
        view["tags"] = image.TagList();
        view["created_at"] = Time(image.CreatedAt);
        view["updated_at"] = Time(image.UpdatedAt);
        view["self"] = "/v2/images/" + image.Id;
        view["file"] = $"/v2/images/{image.Id}/file";
        view["schema"] = "/v2/schemas/image";
        return view;
    }

    public static object Of(ImageMemberRow member) => new
    {
        image_id = member.ImageId,
        member_id = member.MemberId,
        status = member.Status,
        created_at = Time(member.CreatedAt),
        updated_at = Time(member.UpdatedAt),
        schema = "/v2/schemas/member",
    };

    private static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
