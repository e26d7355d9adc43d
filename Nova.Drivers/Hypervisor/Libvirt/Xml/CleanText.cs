using System.Text;
using System.Xml;

namespace Nova.Drivers.Hypervisor.Libvirt.Xml;

/// <summary>Makes any text fit for XML 1.0.</summary>
internal static class CleanText
{
    private const char Replacement = '\ufffd';

    /// <summary>
    /// Replaces what XML 1.0 forbids in any form, escaped or not: control characters, lone surrogates, U+FFFE and U+FFFF.
    /// A carriage return is allowed but would come back as a line feed, so it goes too.
    /// </summary>
    public static string Of(string text)
    {
        if (IsClean(text))
            return text;

        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                clean.Append(text[i]).Append(text[++i]);
            else
                clean.Append(IsPlain(text[i]) ? text[i] : Replacement);
        }

        return clean.ToString();
    }

    private static bool IsClean(string text)
    {
        foreach (var c in text)
            if (!IsPlain(c))
                return false;

        return true;
    }

    private static bool IsPlain(char c) => c != '\r' && XmlConvert.IsXmlChar(c);
}
