using Nova.Modules.Identity;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Operations;

/// <summary>Makes the record that an operation keeps of its caller.</summary>
public static class CallerRecords
{
    /// <summary>Who asked, for a neighbour that looks at it.</summary>
    public static Caller Caller(this CallerRecord record) => new()
    {
        UserId = record.UserId,
        ProjectId = record.ProjectId,
        UserDomainId = record.UserDomainId ?? "default",
        ProjectDomainId = record.ProjectDomainId ?? "default",
        Roles = record.Roles,
        SystemScope = record.SystemScope,
    };

    /// <summary>Of a request; holds no token.</summary>
    public static CallerRecord Of(RequestContext request) => new()
    {
        UserId = request.Caller.UserId,
        ProjectId = request.Caller.ProjectId,
        UserDomainId = request.Caller.UserDomainId,
        ProjectDomainId = request.Caller.ProjectDomainId,
        Roles = request.Caller.Roles,
        SystemScope = request.Caller.SystemScope,
        RequestId = request.RequestId,
        Microversion = request.Version.ToString(),
    };
}
