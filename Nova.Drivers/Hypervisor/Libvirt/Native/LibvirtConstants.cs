namespace Nova.Drivers.Hypervisor.Libvirt.Native;

/// <summary><c>virErrorNumber</c>, as far as the driver tells them apart.</summary>
internal enum LibvirtErrorCode
{
    Ok = 0,
    Internal = 1,
    NoMemory = 2,
    NoSupport = 3,
    NoConnect = 5,
    InvalidConnection = 6,
    OperationFailed = 9,
    XmlError = 27,
    DomainExists = 28,
    OperationDenied = 29,
    XmlDetail = 35,
    SystemError = 38,
    Rpc = 39,
    NoDomain = 42,
    AuthFailed = 45,
    OperationInvalid = 55,
    ConfigUnsupported = 67,
    OperationTimeout = 68,
    NoDomainMetadata = 80,
    ResourceBusy = 87,
    AccessDenied = 88,
    DeviceMissing = 99,
}

/// <summary><c>virDomainState</c>.</summary>
internal enum DomainState
{
    NoState = 0,
    Running = 1,
    Blocked = 2,
    Paused = 3,
    Shutdown = 4,
    Shutoff = 5,
    Crashed = 6,
    PmSuspended = 7,
}

/// <summary><c>virDomainEventType</c>: the kinds of lifecycle event.</summary>
internal enum LifecycleEvent
{
    Defined = 0,
    Undefined = 1,
    Started = 2,
    Suspended = 3,
    Resumed = 4,
    Stopped = 5,
    Shutdown = 6,
    PmSuspended = 7,
    Crashed = 8,
}

/// <summary>Flags, named as in libvirt without the prefix.</summary>
internal static class Flags
{
    public const uint DefineValidate = 1;
    public const uint GraphicsSkipAuth = 1;
    public const uint ShutdownAcpi = 1;
    public const uint BaselineExpandFeatures = 1;
    public const uint StatsState = 1;
    public const uint StatsUse = 1 | 2 | 4 | 8 | 16 | 32;
    public const uint BlockCopyTransient = 4;
    public const int MetadataElement = 2;
    public const uint AffectLive = 1;
    public const uint AffectConfig = 2;
    public const int EventLifecycle = 0;
    public const int StoppedSaved = 4;

    /// <summary>Managed save, snapshot metadata, NVRAM and checkpoint metadata go with the definition.</summary>
    public const uint UndefineEverything = 1 | 2 | 4 | 16;
}
