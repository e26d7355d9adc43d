namespace Nova.Modules.Shared.Settings;

/// <summary>
/// Marks a record of settings, bound once at start from <c>NOVA:SECTION:KEY</c>. Every property has a default, a
/// <see cref="System.ComponentModel.DescriptionAttribute"/> and, where not every value is good, a validation attribute of
/// System.ComponentModel.DataAnnotations: a test fails without a description. A property with <c>set</c> instead of
/// <c>init</c> is live: it gets a new value while the program runs, so whoever uses it reads it each time.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SettingsSectionAttribute(string name) : Attribute
{
    /// <summary>The section's name, lower case.</summary>
    public string Name => name;
}
