using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Nova.Modules.Shared;

namespace Nova.Host.Configuration;

/// <summary>One setting: a property of a record of settings, and what may be written for it.</summary>
public sealed class SettingDefinition
{
    private static readonly string[] TellingNames = ["password", "secret", "token", "private_key"];

    private readonly PropertyInfo _property;
    private readonly ValidationAttribute[] _rules;

    internal SettingDefinition(string section, PropertyInfo property)
    {
        _property = property;
        _rules = [.. property.GetCustomAttributes<ValidationAttribute>()];
        Section = section;
        Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        IsSecret = LooksSecret(Name) || Underlying == typeof(Secret) || property.IsDefined(typeof(PasswordPropertyTextAttribute));
    }

    /// <summary>The section's name.</summary>
    public string Section { get; }

    /// <summary>The property's name in snake_case.</summary>
    public string Name { get; }

    /// <summary>Section and name with a dot between them, as messages print it.</summary>
    public string Key => $"{Section}.{Name}";

    /// <summary>The type of its value.</summary>
    public Type Type => _property.PropertyType;

    /// <summary>What it is for, or null when the property has no description (a test forbids it).</summary>
    public string? Description => _property.GetCustomAttribute<DescriptionAttribute>()?.Description;

    /// <summary>True when its value must never be printed.</summary>
    public bool IsSecret { get; }

    /// <summary>True when a change of the file is taken without a restart. Declared by an ordinary setter instead of <c>init</c>.</summary>
    public bool IsLive => !_property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    /// <summary>What may be written, in words.</summary>
    public string Allowed => string.Join(", ", [SettingText.Describe(Type), .. _rules.Select(Describe).Where(text => text.Length > 0)]);

    private Type Underlying => Nullable.GetUnderlyingType(Type) ?? Type;

    /// <summary>True when a name alone says that its value is not for everyone's eyes.</summary>
    public static bool LooksSecret(string name) =>
        Array.Exists(TellingNames, telling => name.Contains(telling, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value of this setting in a record.</summary>
    public object? Get(object record) => _property.GetValue(record);

    /// <summary>Sets the value in a record that nobody else has seen yet.</summary>
    public void Set(object record, object? value) => _property.SetValue(record, value);

    /// <summary>A value of this setting for people; masked where it is a secret.</summary>
    public string Shown(object? value) => IsSecret && value is not null ? "***" : SettingText.Write(value);

    /// <summary>The first rule that the value breaks, as a sentence; null when it is good.</summary>
    public string? Broken(object record, object? value)
    {
        var context = new ValidationContext(record) { MemberName = _property.Name, DisplayName = Key };
        return _rules.Select(rule => rule.GetValidationResult(value, context)).FirstOrDefault(result => result != ValidationResult.Success)?.ErrorMessage;
    }

    private static string Describe(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => FormattableString.Invariant($"{range.Minimum} to {range.Maximum}"),
        AllowedValuesAttribute values => string.Join(" or ", values.Values),
        StringLengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength} characters",
        MinLengthAttribute length => $"at least {length.Length} long",
        MaxLengthAttribute length => $"at most {length.Length} long",
        RegularExpressionAttribute pattern => pattern.ErrorMessage ?? $"matching {pattern.Pattern}",
        RequiredAttribute => "not empty",
        _ => rule.ErrorMessage ?? "",
    };
}
