using System.Globalization;

namespace Nova.Modules.Shared.Http;

/// <summary>Times on the wire. Stored times are milliseconds since 1970 UTC.</summary>
public static class WireTime
{
    /// <summary><c>2026-01-31T12:00:00Z</c>, as servers show them.</summary>
    public static string Seconds(long ms) => At(ms).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>2026-01-31T12:00:00.123000</c> without a zone, as key pairs and services show them.</summary>
    public static string Micros(long ms) => At(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
