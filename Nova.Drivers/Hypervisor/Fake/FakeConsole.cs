using System.Globalization;
using System.Text;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>A console log that follows from what the guest is: nothing has to be kept for it.</summary>
internal static class FakeConsole
{
    private const int StartsKept = 20;

    public static string Log(FakeGuest guest, string host, int? lines)
    {
        var log = new StringBuilder();
        for (var start = Math.Max(1, guest.Starts - StartsKept + 1); start <= guest.Starts; start++)
            log.Append(CultureInfo.InvariantCulture, $"""
                [    0.000000] fake guest {guest.Name} ({guest.Id}) on {host}, start {start}
                [    0.000100] memory found
                [    0.000200] disk found
                [    0.000300] network found
                {guest.Name} login:

                """);
        return Last(log.ToString(), lines);
    }

    private static string Last(string log, int? lines)
    {
        if (lines is not { } count)
            return log;

        var all = log.TrimEnd('\n').Split('\n');
        return count <= 0 ? "" : string.Join('\n', all[Math.Max(0, all.Length - count)..]) + "\n";
    }
}
