namespace Nova.Modules.Placement.Schemas;

/// <summary>The forms that a request had over the versions.</summary>
/// <param name="forms">The first minor version of each form, rising.</param>
public sealed class Versions(params (int Since, Schema Schema)[] forms)
{
    /// <summary>Every form with its first minor version; for the tests that compare them with the reference.</summary>
    public IReadOnlyList<(int Since, Schema Schema)> Forms => forms;

    /// <summary>The form in a minor version.</summary>
    public Schema At(int minor) => forms.Last(form => form.Since <= minor).Schema;
}
