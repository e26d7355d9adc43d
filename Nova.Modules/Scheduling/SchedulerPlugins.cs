using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Nova.Modules.Scheduling;

/// <summary>An assembly of filters and weighers cannot be used; the message says which and why.</summary>
internal sealed class SchedulerPluginException(string message) : Exception(message);

/// <summary>
/// Filters and weighers from assemblies of the operator's own: every public class with a constructor without parameters that
/// implements <see cref="IHostFilter"/> or <see cref="IHostWeigher"/>, by the name that it gives itself.
/// </summary>
internal sealed class SchedulerPlugins
{
    private static readonly ConcurrentDictionary<string, Assembly> Loaded = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Type> _filters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> _weighers = new(StringComparer.Ordinal);

    /// <summary>Nothing.</summary>
    public static readonly SchedulerPlugins None = new();

    /// <summary>The filters' names.</summary>
    public IReadOnlyCollection<string> FilterNames => _filters.Keys;

    /// <summary>The weighers' names.</summary>
    public IReadOnlyCollection<string> WeigherNames => _weighers.Keys;

    /// <summary>What the assemblies have.</summary>
    /// <exception cref="SchedulerPluginException">One cannot be loaded, or has neither filter nor weigher.</exception>
    public static SchedulerPlugins Load(IReadOnlyList<string> paths)
    {
        if (paths.Count == 0)
            return None;

        var plugins = new SchedulerPlugins();
        foreach (var path in paths)
            plugins.Add(path);
        return plugins;
    }

    /// <summary>A filter by its name.</summary>
    public IHostFilter Filter(string name) => (IHostFilter)Activator.CreateInstance(_filters[name])!;

    /// <summary>A weigher by its name.</summary>
    public IHostWeigher Weigher(string name) => (IHostWeigher)Activator.CreateInstance(_weighers[name])!;

    private void Add(string path)
    {
        var before = _filters.Count + _weighers.Count;
        try
        {
            var assembly = Loaded.GetOrAdd(Path.GetFullPath(path), AssemblyLoadContext.Default.LoadFromAssemblyPath);
            foreach (var type in assembly.GetExportedTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.GetConstructor([]) is not null))
                Add(type);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ReflectionTypeLoadException or TypeLoadException or TargetInvocationException or UnauthorizedAccessException)
        {
            throw new SchedulerPluginException($"The assembly '{path}' cannot be loaded: {(e as TargetInvocationException)?.InnerException?.Message ?? e.Message}");
        }

        if (_filters.Count + _weighers.Count == before)
            throw new SchedulerPluginException($"The assembly '{path}' has no public class that implements IHostFilter or IHostWeigher and has a constructor without parameters.");
    }

    private void Add(Type type)
    {
        if (typeof(IHostFilter).IsAssignableFrom(type))
            _filters[((IHostFilter)Activator.CreateInstance(type)!).Name] = type;
        if (typeof(IHostWeigher).IsAssignableFrom(type))
            _weighers[((IHostWeigher)Activator.CreateInstance(type)!).Name] = type;
    }
}
