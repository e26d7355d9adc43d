namespace Nova.Modules.Shared.Http;

/// <summary>Answers one request.</summary>
public delegate Task<Answer> Handler(RequestContext caller, CancellationToken ct);

/// <summary>
/// The routes of one part of an API. A class of endpoints implements it, takes its services in its constructor, and maps
/// its own methods; mapping costs no reflection, so hundreds of routes do not slow the start.
/// </summary>
public interface IEndpoints
{
    /// <summary>Maps the routes; called once at start.</summary>
    void Map(Routes routes);
}

/// <summary>Collects routes below a prefix of one surface.</summary>
public sealed class Routes(ApiSurface surface, string prefix, List<Route> all)
{
    /// <summary>The same surface below a longer prefix.</summary>
    public Routes Group(string path) => new(surface, prefix + path, all);

    /// <summary>GET; also serves HEAD.</summary>
    public Route Get(string path, Handler handler) => Add("GET", path, handler);

    /// <summary>POST.</summary>
    public Route Post(string path, Handler handler) => Add("POST", path, handler);

    /// <summary>PUT.</summary>
    public Route Put(string path, Handler handler) => Add("PUT", path, handler);

    /// <summary>PATCH.</summary>
    public Route Patch(string path, Handler handler) => Add("PATCH", path, handler);

    /// <summary>DELETE.</summary>
    public Route Delete(string path, Handler handler) => Add("DELETE", path, handler);

    /// <summary>HEAD, where it does not simply follow GET.</summary>
    public Route Head(string path, Handler handler) => Add("HEAD", path, handler);

    /// <summary>POST to an address that serves many operations: this one is meant when the body's single key is <paramref name="name"/>.</summary>
    public Route Action(string path, string name, Handler handler) => Add("POST", path, handler, name);

    private Route Add(string method, string path, Handler handler, string? action = null)
    {
        var route = new Route(surface, method, prefix + path, handler, action);
        all.Add(route);
        return route;
    }
}

/// <summary>One route: method, template, the versions in which it exists, and the rule that guards it.</summary>
public sealed class Route(ApiSurface surface, string method, string template, Handler handler, string? action = null)
{
    /// <summary>The API that it belongs to.</summary>
    public ApiSurface Surface => surface;

    /// <summary>GET, POST …</summary>
    public string Method => method;

    /// <summary>With <c>{name}</c> for the parts that vary.</summary>
    public string Template => template;

    /// <summary>Which part of the path is the id of a server; null when none is.</summary>
    public string? ServerPart { get; } = ServerPartOf(template);

    /// <summary>The key of the body that means this route, or null when the address serves one operation per method.</summary>
    public string? Action => action;

    /// <summary>Answers.</summary>
    public Handler Handler => handler;

    /// <summary>The first minor version.</summary>
    public int FirstMinor { get; private set; }

    /// <summary>The last minor version.</summary>
    public int LastMinor { get; private set; } = int.MaxValue;

    /// <summary>The rule that is checked before the body is read; null only with <see cref="NeedsToken"/> false or <see cref="IsForAnyCaller"/>.</summary>
    public string? Rule { get; private set; }

    /// <summary>False for version documents, health and token requests.</summary>
    public bool NeedsToken { get; private set; } = true;

    /// <summary>True when any valid token may call.</summary>
    public bool IsForAnyCaller { get; private set; }

    /// <summary>The same operation at another address.</summary>
    public Route At(string other) => new(surface, method, other, handler, action)
    {
        FirstMinor = FirstMinor, LastMinor = LastMinor, Rule = Rule, NeedsToken = NeedsToken, IsForAnyCaller = IsForAnyCaller,
    };

    /// <summary>Exists from this minor version on.</summary>
    public Route Since(int minor)
    {
        FirstMinor = minor;
        return this;
    }

    /// <summary>Exists up to and including this minor version.</summary>
    public Route Until(int minor)
    {
        LastMinor = minor;
        return this;
    }

    /// <summary>Guarded by a rule, checked with the caller as target before the body is read.</summary>
    public Route Requires(string rule)
    {
        Rule = rule;
        return this;
    }

    /// <summary>Needs no token.</summary>
    public Route Anonymous()
    {
        NeedsToken = false;
        return this;
    }

    /// <summary>Needs a token and nothing more.</summary>
    public Route AnyCaller()
    {
        IsForAnyCaller = true;
        return this;
    }

    private static string? ServerPartOf(string template)
    {
        const string Servers = "/servers/{";
        return template.IndexOf(Servers, StringComparison.Ordinal) is var at and >= 0 ? template[(at + Servers.Length)..template.IndexOf('}', at)] : null;
    }
}
