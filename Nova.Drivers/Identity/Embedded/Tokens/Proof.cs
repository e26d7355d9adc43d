using Nova.Drivers.Identity.Embedded.ApplicationCredentials;
using Nova.Drivers.Identity.Embedded.Users;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>What an authentication request has proved.</summary>
/// <param name="User">Who it is.</param>
/// <param name="Methods">By which methods, those of an exchanged token included.</param>
/// <param name="Parent">The token that is exchanged, or null.</param>
/// <param name="Credential">The application credential, or null.</param>
public sealed record Proof(User User, IReadOnlyList<string> Methods, TokenClaims? Parent, ApplicationCredential? Credential);
