using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Consoles;

/// <summary>Which consoles users get, and how.</summary>
[SettingsSection("console")]
public sealed record ConsoleOptions
{
    private const string Web = "^(http|https|ws|wss)://[^?#]+(\\?[^#]*)?$";
    private const string WebMistake = "http://…, https://…, ws://… or wss://…";

    /// <summary>Screens by VNC.</summary>
    [Description("Users can open the screens of their servers by VNC, where the driver gives them one (libvirt.vnc).")]
    public bool Vnc { get; set; } = true;

    /// <summary>Serial ports.</summary>
    [Description("Users can open the serial consoles of their servers.")]
    public bool Serial { get; set; } = true;

    /// <summary>Screens by SPICE.</summary>
    [Description("Users can open the screens of their servers by SPICE, where the driver gives them one.")]
    public bool Spice { get; set; }

    /// <summary>Screens by MKS.</summary>
    [Description("Users can open the screens of their servers by MKS, where the driver gives them one.")]
    public bool Mks { get; set; }

    /// <summary>Address.</summary>
    [Description("The page that shows a screen by VNC, to which the token is added; null is /console/vnc_auto.html of this service.")]
    [RegularExpression(Web, ErrorMessage = WebMistake)]
    public string? VncUrl { get; set; }

    /// <summary>Address.</summary>
    [Description("The websocket of serial consoles, to which the token is added; null is /console of this service.")]
    [RegularExpression(Web, ErrorMessage = WebMistake)]
    public string? SerialUrl { get; set; }

    /// <summary>Address.</summary>
    [Description("The page that shows a screen by SPICE, to which the token is added; null is /console/spice_auto.html of this service.")]
    [RegularExpression(Web, ErrorMessage = WebMistake)]
    public string? SpiceUrl { get; set; }

    /// <summary>Address.</summary>
    [Description("The proxy for native SPICE clients, to which the token is added; without one there is no console of the type spice-direct.")]
    [RegularExpression(Web, ErrorMessage = WebMistake)]
    public string? SpiceDirectUrl { get; set; }

    /// <summary>Address.</summary>
    [Description("The page that shows a screen by MKS, to which the token is added; without one there is no console of the type webmks.")]
    [RegularExpression(Web, ErrorMessage = WebMistake)]
    public string? MksUrl { get; set; }

    /// <summary>Seconds.</summary>
    [Description("How long the address of a console can be used to open it, in seconds."), Range(10, 86_400)]
    public int TokenSeconds { get; set; } = 600;

    /// <summary>ADDRESS:PORT, or null.</summary>
    [Description("ADDRESS:PORT on which consoles alone are served, so that their pages are of another origin than the API; null serves them on the API's port.")]
    [RegularExpression(@"^\S*:\d{1,5}$", ErrorMessage = "ADDRESS:PORT")]
    public string? Listen { get; init; }

    /// <summary>Host names or origins.</summary>
    [Description("Web pages that may open consoles beside those of the console's own host: host names, or origins such as https://portal.example.org.")]
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    /// <summary>Seconds.</summary>
    [Description("A console in which nothing happens either way is closed after so many seconds."), Range(10, 604_800)]
    public int IdleSeconds { get; set; } = 1800;

    /// <summary>Seconds.</summary>
    [Description("A console is closed after so many seconds, whatever happens in it."), Range(60, 604_800)]
    public int SessionSeconds { get; set; } = 43_200;

    /// <summary>Sessions.</summary>
    [Description("How many consoles of one server can be open at once; 429 above it."), Range(1, 100)]
    public int SessionsPerServer { get; set; } = 4;

    /// <summary>Sessions.</summary>
    [Description("How many consoles this process keeps open at once; 503 above it."), Range(1, 100_000)]
    public int Sessions { get; set; } = 1000;

    /// <summary>Folder.</summary>
    [Description("The folder of noVNC's pages, served below /console/ (Debian package novnc). Where it is missing, a page says so.")]
    [Required]
    public string WebFolder { get; init; } = "/usr/share/novnc";
}
