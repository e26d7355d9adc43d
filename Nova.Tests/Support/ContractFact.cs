using Xunit.Abstractions;
using Xunit.Sdk;

namespace Nova.Tests.Support;

/// <summary>What all tests of a class need of the machine.</summary>
[AttributeUsage(AttributeTargets.Class)]
[TraitDiscoverer("Nova.Tests.Support.NeedTraits", "Nova.Tests")]
public sealed class NeedsAttribute(params Need[] needs) : Attribute, ITraitAttribute
{
    /// <summary>Everything that the tests need.</summary>
    public Need[] Needs => needs;
}

/// <summary>
/// A fact of an abstract suite that several classes run: skipped, with the reason, in a class whose <see cref="NeedsAttribute"/>
/// the machine does not meet.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Nova.Tests.Support.ContractFactDiscoverer", "Nova.Tests")]
public sealed class ContractFactAttribute : FactAttribute;

/// <summary>Finds the facts of a suite in each class that runs it.</summary>
public sealed class ContractFactDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    /// <inheritdoc />
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        [new ContractTestCase(diagnostics, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

/// <summary>One fact of a suite in one class.</summary>
public sealed class ContractTestCase : XunitTestCase
{
    /// <summary>For xunit, which carries test cases between processes.</summary>
    [Obsolete("Called by the deserializer only.", error: true)]
    public ContractTestCase()
    {
    }

    /// <summary>A fact as it was discovered.</summary>
    public ContractTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(diagnostics, display, options, method)
    {
    }

    /// <inheritdoc />
    protected override string? GetSkipReason(IAttributeInfo factAttribute)
    {
        var needs = TestMethod.TestClass.Class.ToRuntimeType().GetCustomAttributes(typeof(NeedsAttribute), inherit: true);
        return needs is [NeedsAttribute found] ? Machine.ReasonToSkip(found.Needs) : null;
    }
}
