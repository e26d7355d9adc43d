using System.Globalization;
using System.Numerics;
using System.Text;
using Nova.Modules.Compute;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>A guest as the file keeps it.</summary>
/// <param name="Host">The number of the host that it is on.</param>
/// <param name="Id">The server.</param>
/// <param name="Name">The hypervisor's name of it.</param>
/// <param name="Power">On or Off.</param>
/// <param name="Known">False for a guest that somebody else made.</param>
/// <param name="Starts">How many times it was started; its console log follows from it.</param>
/// <param name="Script">Its own <c>fake:</c> instructions as <c>key=value;…</c>, for calls that bring no description of the guest.</param>
internal sealed record FakeGuest(int Host, Guid Id, string Name, Power Power, bool Known, int Starts, string Script)
{
    private const int Fields = 7;

    /// <summary>The ports of its interfaces, separated by commas, once they were changed; null before that.</summary>
    public string? Nics { get; init; }

    public GuestStatus Status => new(Id, Power, Known, Name);

    /// <summary>The guest as a line of the file, with its checksum.</summary>
    public string Line => Checked(string.Create(
        CultureInfo.InvariantCulture,
        $"+ {Host} {Id:N} {(int)Power}{(Known ? 'k' : 'f')} {Starts} {Uri.EscapeDataString(Name)} {Uri.EscapeDataString(Script)}{(Nics is null ? "" : " n" + Nics)}"));

    /// <summary>The line that says that the guest is gone.</summary>
    public string EndLine => Checked(string.Create(CultureInfo.InvariantCulture, $"- {Host} {Id:N}"));

    /// <summary>Reads a line without its newline; false when it is torn.</summary>
    public static bool TryRead(string line, out FakeGuest guest, out bool isEnd)
    {
        (guest, isEnd) = (null!, false);
        var cut = line.LastIndexOf(' ');
        if (cut < 0 || line[(cut + 1)..] != Checksum(line[..cut]))
            return false;

        var parts = line[..cut].Split(' ');
        isEnd = parts[0] == "-";
        var (host, id) = (int.Parse(parts[1], CultureInfo.InvariantCulture), Guid.ParseExact(parts[2], "N"));
        guest = isEnd ? new(host, id, "", Power.Off, true, 0, "") : Read(parts, host, id);
        return true;
    }

    private static FakeGuest Read(string[] parts, int host, Guid id) => parts.Length is not (Fields or Fields + 1)
        ? throw new InvalidDataException($"A line of the guest file has {parts.Length} fields instead of {Fields}.")
        : new(
            host, id, Uri.UnescapeDataString(parts[5]), (Power)(parts[3][0] - '0'), parts[3][1] == 'k',
            int.Parse(parts[4], CultureInfo.InvariantCulture), Uri.UnescapeDataString(parts[6])) { Nics = parts.Length > Fields ? parts[Fields][1..] : null };

    private static string Checked(string text) => text + " " + Checksum(text) + "\n";

    private static string Checksum(string text)
    {
        var crc = uint.MaxValue;
        foreach (var b in Encoding.ASCII.GetBytes(text))
            crc = BitOperations.Crc32C(crc, b);
        return (~crc).ToString("x8", CultureInfo.InvariantCulture);
    }
}
