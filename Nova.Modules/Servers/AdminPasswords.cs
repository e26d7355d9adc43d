using System.Security.Cryptography;

namespace Nova.Modules.Servers;

/// <summary>Passwords for the administrators of guests whose owners name none.</summary>
public static class AdminPasswords
{
    private const int Length = 12;

    /// <summary>A new one, without letters that look like digits.</summary>
    public static string New() => RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", Length);
}
