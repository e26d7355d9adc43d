using System.Globalization;
using System.Numerics;
using Nova.Modules.Shared;

namespace Nova.Modules.Placement.Queries;

/// <summary>Amounts of resources as a query says them: <c>VCPU:2,MEMORY_MB:1024</c>.</summary>
public static class ResourceTerms
{
    /// <summary>The amounts, one per class; of a class that is named twice the last counts.</summary>
    /// <exception cref="Fault">400 in the original's words.</exception>
    public static IReadOnlyList<ResourceAmount> Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw Malformed("empty string");

        var amounts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            if (part.Split(':') is not [var name, var amount])
                throw Malformed(part);

            amounts[name] = Amount(name, amount);
        }

        return [.. amounts.Select(a => new ResourceAmount(a.Key, a.Value))];
    }

    // An amount beyond 64 bits is valid and more than anything has.
    private static long Amount(string name, string text)
    {
        if (!BigInteger.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var amount))
            throw Fault.BadRequest($"Requested resource {name} expected positive integer amount. Got: {text}.");
        if (amount < 1)
            throw Fault.BadRequest($"Requested resource {name} requires amount >= 1. Got: {amount}.");

        return amount > long.MaxValue / 2 ? long.MaxValue / 2 : (long)amount;
    }

    private static Fault Malformed(string text) => Fault.BadRequest(
        $"Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024. Got: {text}.");
}
