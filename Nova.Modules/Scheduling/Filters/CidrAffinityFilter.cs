using System.Net;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts whose address is in the network of the hints <c>build_near_host_ip</c> and <c>cidr</c>.</summary>
internal sealed class CidrAffinityFilter : IHostFilter
{
    private const string DefaultPrefix = "/24";

    public string Name => "SimpleCIDRAffinityFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Hints?.NearHostIp is not { } near)
            return;

        if (NetworkOf(near, request.Hints.Cidr ?? DefaultPrefix) is not { } network)
        {
            alive.Clear();
            return;
        }

        for (var slot = alive.Next(0); slot >= 0; slot = alive.Next(slot + 1))
            alive[slot] = IPAddress.TryParse(picture.Host(slot).HostIp, out var address) && network.Contains(address);
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are not near {request.Hints!.NearHostIp!}");
    }

    // A prefix of ones, or a mask such as /255.255.0.0.
    private static IPNetwork? NetworkOf(string address, string prefix)
    {
        if (!IPAddress.TryParse(address, out var near))
            return null;

        var text = prefix.TrimStart('/');
        var bits = int.TryParse(text, out var length) ? length
            : IPAddress.TryParse(text, out var mask) ? mask.GetAddressBytes().Sum(b => System.Numerics.BitOperations.PopCount(b))
            : -1;
        var bytes = near.GetAddressBytes();
        if (bits < 0 || bits > bytes.Length * 8)
            return null;

        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xFF00 >> Math.Clamp(bits - i * 8, 0, 8));
        return new(new IPAddress(bytes), bits);
    }
}
