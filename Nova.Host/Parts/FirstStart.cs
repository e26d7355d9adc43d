using Nova.Drivers.Identity.Embedded;

namespace Nova.Host.Parts;

/// <summary>What only the first start has to tell: the random passwords, written once into files that only their owner reads.</summary>
internal sealed class FirstStart
{
    /// <summary>Set when this start made the users.</summary>
    public FirstPasswords? Passwords { get; set; }

    /// <summary>DIR/openrc and DIR/openrc-demo are there and name the address that the API has now, and by which file its certificate is checked.</summary>
    public void WriteOpenRc(string dataDirectory, string apiAddress, string? caFile)
    {
        var authUrl = apiAddress + "/identity/v3";
        var (admin, demo) = (Path.Combine(dataDirectory, "openrc"), Path.Combine(dataDirectory, "openrc-demo"));
        if (Passwords is { } made)
        {
            new OpenRc(authUrl, "admin", made.AdminPassword.Reveal, "admin", caFile).Write(admin);
            new OpenRc(authUrl, "demo", made.DemoPassword.Reveal, "demo", caFile).Write(demo);
            return;
        }

        OpenRc.PointTo(admin, authUrl, caFile);
        OpenRc.PointTo(demo, authUrl, caFile);
    }
}
