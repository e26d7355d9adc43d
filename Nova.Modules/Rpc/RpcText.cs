using System.Buffers;
using System.Globalization;
using System.Text;

namespace Nova.Modules.Rpc;

/// <summary>The two header values of gRPC with a syntax of their own: grpc-timeout and grpc-message.</summary>
internal static class RpcText
{
    // Up to eight digits and one of these; the finest unit that fits is taken.
    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    // Everything printable but the percent sign.
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%')]);

    /// <summary>"1500m" for 1.5 s: never more than given, never less than one microsecond.</summary>
    public static string FormatTimeout(TimeSpan timeout)
    {
        foreach (var (unit, ticks) in Units)
            if (timeout.Ticks / ticks < 100_000_000)
                return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(timeout.Ticks / ticks, unit == 'u' ? 1 : 0)}{unit}");

        return "99999999H";
    }

    /// <summary>False when the text is no timeout. More than 24 days is as good as none, and is cut to that.</summary>
    public static bool TryParseTimeout(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            return false;
        if (text[^1] == 'n')
        {
            timeout = new(amount / TimeSpan.NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, ticks) in Units)
            if (unit == text[^1])
            {
                timeout = Clamp(amount * (double)ticks);
                return true;
            }

        return false;
    }

    /// <summary>The longest wait that a timer takes.</summary>
    public static TimeSpan Clamp(double ticks) => new((long)Math.Min(ticks, TimeSpan.FromMilliseconds(int.MaxValue).Ticks));

    /// <summary>Percent-encodes the UTF-8 of what is not printable ASCII.</summary>
    public static string EncodeMessage(string message)
    {
        if (!message.AsSpan().ContainsAnyExcept(Plain))
            return message;

        var text = new StringBuilder(message.Length * 2);
        foreach (var b in Encoding.UTF8.GetBytes(message))
            if (Plain.Contains((char)b))
                text.Append((char)b);
            else
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        return text.ToString();
    }

    /// <summary>What is not a proper escape stays as it is: a message must never be lost over its encoding.</summary>
    public static string DecodeMessage(string text) => text.Contains('%') ? Uri.UnescapeDataString(text) : text;
}
