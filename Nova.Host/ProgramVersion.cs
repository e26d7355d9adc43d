using System.Reflection;

namespace Nova.Host;

/// <summary>Which release this is.</summary>
public static class ProgramVersion
{
    /// <summary>As <c>1.2.3</c>, or <c>1.2.3+COMMIT</c> where the build knew the commit.</summary>
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
