using Nova.Host.Configuration;

namespace Nova.Host.Parts;

/// <summary>What follows from the roles of a process: which parts it has, and which of its calls leave it.</summary>
internal sealed record RolePlan(ServerSettings Server, DatabaseKind Database)
{
    public bool Api => Server.Plays(HostRole.Api);

    public bool Scheduler => Server.Plays(HostRole.Scheduler);

    public bool Conductor => Server.Plays(HostRole.Conductor);

    public bool Compute => Server.Plays(HostRole.Compute);

    /// <summary>A compute of its own has no database, nor the credentials for one.</summary>
    public bool HasDatabase => Api || Scheduler || Conductor;

    /// <summary>Rows that matter to operations are written here.</summary>
    public bool Accepts => Api || Conductor;

    /// <summary>No other process writes to the database.</summary>
    public bool IsAlone => Database == DatabaseKind.Sqlite || (Server.IsWhole && Server.RpcListen is null);

    /// <summary>Calls between roles of this process take the way that they take between processes.</summary>
    public bool IsWired => Server.Wire == RoleWire.Grpc;

    /// <summary>The hosts of this process are commanded directly.</summary>
    public bool HasLocalHosts => Compute && Conductor && IsAlone && !IsWired;

    /// <summary>The hosts of this process dial conductors, which may be their own.</summary>
    public bool Dials => Compute && !HasLocalHosts;

    /// <summary>Hosts are chosen by a direct call.</summary>
    public bool ChoosesLocally => Scheduler && !IsWired;

    /// <summary>What is accepted here is driven here.</summary>
    public bool DrivesLocally => Conductor && !IsWired;

    /// <summary>Others may insert operations for the conductor of this process.</summary>
    public bool TakesOperations => Conductor && (!IsAlone || IsWired);

    /// <summary>What other processes commit has to be read from the outbox.</summary>
    public bool Follows => !IsAlone && (Scheduler || (Api && !Conductor));

    public bool OpensRpc => Server.OpensRpc;
}
