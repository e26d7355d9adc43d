using Microsoft.Extensions.Logging;
using Nova.Modules.Identity;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Policy;

/// <summary>The rules in force: those of the operator's file as it was when it could last be used.</summary>
public sealed class LivePolicy : IPolicy, IReloadable
{
    private readonly string _path;
    private readonly bool _mustExist, _enforceNewDefaults, _enforceScope;
    private readonly ILogger<LivePolicy> _logger;
    private volatile PolicyRules _rules;

    /// <summary>Reads the file.</summary>
    /// <param name="path">Full path of policy.yaml.</param>
    /// <param name="mustExist">False when there need not be one.</param>
    /// <param name="enforceNewDefaults">See <see cref="PolicyOptions.EnforceNewDefaults"/>.</param>
    /// <param name="enforceScope">See <see cref="PolicyOptions.EnforceScope"/>.</param>
    /// <param name="logger">Told of names in the file that are no longer current.</param>
    /// <exception cref="PolicyException">The file cannot be used.</exception>
    public LivePolicy(string path, bool mustExist, bool enforceNewDefaults, bool enforceScope, ILogger<LivePolicy> logger)
    {
        (_path, _mustExist, _enforceNewDefaults, _enforceScope, _logger) = (path, mustExist, enforceNewDefaults, enforceScope, logger);
        _rules = Load();
    }

    /// <inheritdoc />
    public IReadOnlyList<string> Files => [_path];

    /// <inheritdoc />
    public bool Allows(Caller caller, string rule, PolicyTarget target) => _rules.Allows(caller, rule, target);

    /// <inheritdoc />
    public bool Knows(string rule) => _rules.Knows(rule);

    /// <inheritdoc />
    public void Reload()
    {
        try
        {
            _rules = Load();
        }
        catch (PolicyException e)
        {
            throw new ReloadException(e.Message, e);
        }
    }

    private PolicyRules Load()
    {
        var rules = PolicyFile.Load(_path, _mustExist, _enforceNewDefaults, _enforceScope);
        foreach (var remark in rules.Remarks)
            _logger.FormerName(_path, remark);
        return rules;
    }
}

internal static partial class LivePolicyLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: {Remark}")]
    public static partial void FormerName(this ILogger logger, string path, string remark);
}
