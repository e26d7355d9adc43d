namespace Nova.Modules.Shared.Settings;

/// <summary>What is read from files at start, and again when one of them changes or the operator sends SIGHUP.</summary>
public interface IReloadable
{
    /// <summary>The files' full paths. One that is not there counts as changed when it appears.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>Reads them again. After an exception what was read before stays in force.</summary>
    /// <exception cref="ReloadException">They cannot be used; says why, and where.</exception>
    void Reload();
}

/// <summary>Changed files cannot be used; the message says why.</summary>
public sealed class ReloadException(string message, Exception? inner = null) : Exception(message, inner);
