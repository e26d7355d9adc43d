namespace Nova.Modules.Hosts;

/// <summary>Which hosts are alive, as the conductors of this installation see it now.</summary>
public interface IHostLiveness
{
    /// <summary>True while a conductor is connected to the host.</summary>
    bool IsUp(Guid hostId);

    /// <summary>When the host was seen last, in milliseconds since 1970 UTC; null when it was never seen since the conductors started.</summary>
    long? SeenAt(Guid hostId);
}
