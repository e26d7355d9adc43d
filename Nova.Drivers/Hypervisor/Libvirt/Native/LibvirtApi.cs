using System.Runtime.InteropServices;

namespace Nova.Drivers.Hypervisor.Libvirt.Native;

/// <summary>
/// The functions of libvirt's C API that the driver uses, under their own names. A <c>char*</c> that libvirt allocates
/// comes as <see cref="IntPtr"/> and is ours to free (<see cref="OwnText"/>).
/// </summary>
internal static unsafe partial class LibvirtApi
{
    private const string Library = "libvirt.so.0";

    [LibraryImport(Library)] public static partial int virInitialize();
    [LibraryImport(Library)] public static partial int virEventRegisterDefaultImpl();
    [LibraryImport(Library)] public static partial int virEventRunDefaultImpl();
    [LibraryImport(Library)] public static partial int virEventAddTimeout(int milliseconds, delegate* unmanaged[Cdecl]<int, void*, void> callback, void* opaque, delegate* unmanaged[Cdecl]<void*, void> free);
    [LibraryImport(Library)] public static partial void virSetErrorFunc(void* user, delegate* unmanaged[Cdecl]<void*, NativeError*, void> function);
    [LibraryImport(Library)] public static partial NativeError* virGetLastError();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial ConnectHandle virConnectOpen(string uri);
    [LibraryImport(Library)] public static partial int virConnectClose(IntPtr connection);
    [LibraryImport(Library)] public static partial int virConnectSetKeepAlive(ConnectHandle connection, int interval, uint count);
    [LibraryImport(Library)] public static partial int virConnectRegisterCloseCallback(ConnectHandle connection, delegate* unmanaged[Cdecl]<IntPtr, int, IntPtr, void> callback, IntPtr opaque, delegate* unmanaged[Cdecl]<IntPtr, void> free);
    [LibraryImport(Library)] public static partial int virConnectUnregisterCloseCallback(ConnectHandle connection, delegate* unmanaged[Cdecl]<IntPtr, int, IntPtr, void> callback);
    [LibraryImport(Library)] public static partial int virConnectDomainEventRegisterAny(ConnectHandle connection, IntPtr domain, int eventId, delegate* unmanaged[Cdecl]<IntPtr, IntPtr, int, int, IntPtr, int> callback, IntPtr opaque, delegate* unmanaged[Cdecl]<IntPtr, void> free);
    [LibraryImport(Library)] public static partial int virConnectDomainEventDeregisterAny(ConnectHandle connection, int callbackId);
    [LibraryImport(Library)] public static partial int virConnectGetVersion(ConnectHandle connection, out ulong version);
    [LibraryImport(Library)] public static partial IntPtr virConnectGetHostname(ConnectHandle connection);
    [LibraryImport(Library)] public static partial IntPtr virConnectGetCapabilities(ConnectHandle connection);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial IntPtr virConnectGetDomainCapabilities(ConnectHandle connection, string? emulator, string? arch, string? machine, string? virtType, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial IntPtr virConnectBaselineHypervisorCPU(ConnectHandle connection, string? emulator, string? arch, string? machine, string? virtType, [In] string[] cpus, uint count, uint flags);
    [LibraryImport(Library)] public static partial int virConnectGetAllDomainStats(ConnectHandle connection, uint stats, out DomainStats** records, uint flags);
    [LibraryImport(Library)] public static partial void virDomainStatsRecordListFree(DomainStats** records);
    [LibraryImport(Library)] public static partial int virNodeGetInfo(ConnectHandle connection, out NodeInfo info);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial DomainHandle virDomainDefineXMLFlags(ConnectHandle connection, string xml, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial DomainHandle virDomainLookupByUUIDString(ConnectHandle connection, string uuid);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virDomainAttachDeviceFlags(DomainHandle domain, string xml, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virDomainDetachDeviceFlags(DomainHandle domain, string xml, uint flags);
    [LibraryImport(Library)] public static partial IntPtr virDomainGetXMLDesc(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainCreateWithFlags(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainResume(DomainHandle domain);
    [LibraryImport(Library)] public static partial int virDomainInjectNMI(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainSuspend(DomainHandle domain);
    [LibraryImport(Library)] public static partial int virDomainManagedSave(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainHasManagedSaveImage(IntPtr domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainManagedSaveRemove(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainPMWakeup(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainShutdownFlags(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainDestroyFlags(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainUndefineFlags(DomainHandle domain, uint flags);
    [LibraryImport(Library)] public static partial int virDomainGetState(DomainHandle domain, out int state, out int reason, uint flags);
    [LibraryImport(Library)] public static partial int virDomainOpenGraphicsFD(DomainHandle domain, uint index, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virDomainBlockCopy(DomainHandle domain, string disk, string destination, IntPtr parameters, int count, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virDomainBlockJobAbort(DomainHandle domain, string disk, uint flags);
    [LibraryImport(Library)] public static partial int virDomainListGetStats(IntPtr* domains, uint stats, out DomainStats** records, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virTypedParamsGetULLong(IntPtr parameters, int count, string name, out ulong value);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virTypedParamsGetUInt(IntPtr parameters, int count, string name, out uint value);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virTypedParamsGetString(IntPtr parameters, int count, string name, out IntPtr value);
    [LibraryImport(Library)] public static partial int virDomainFree(IntPtr domain);
    [LibraryImport(Library)] public static partial IntPtr virDomainGetName(IntPtr domain);
    [LibraryImport(Library)] public static partial int virDomainGetUUIDString(IntPtr domain, byte* buffer);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial IntPtr virDomainGetMetadata(DomainHandle domain, int type, string uri, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virDomainSetMetadata(DomainHandle domain, int type, string metadata, string key, string uri, uint flags);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int virTypedParamsGetInt(IntPtr parameters, int count, string name, out int value);

    [LibraryImport("libc")] private static partial void free(IntPtr memory);

    /// <summary>The text of a <c>char*</c> that the caller must free; null stays null.</summary>
    public static string? OwnText(IntPtr text)
    {
        var value = Marshal.PtrToStringUTF8(text);
        free(text);
        return value;
    }

    public static string Name(IntPtr domain) => Marshal.PtrToStringUTF8(virDomainGetName(domain)) ?? "";

    public static Guid Uuid(IntPtr domain)
    {
        var buffer = stackalloc byte[37];
        return virDomainGetUUIDString(domain, buffer) < 0 ? Guid.Empty : Guid.Parse(new ReadOnlySpan<byte>(buffer, 36));
    }

    /// <summary><c>virError</c>: thread-local, to be read directly after the failing call on the same thread.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct NativeError
    {
        public int Code;
        public int Domain;
        public IntPtr Message;
        public int Level;
        public IntPtr Connection;
        public IntPtr DomainObject;
        public IntPtr Text1;
        public IntPtr Text2;
        public IntPtr Text3;
        public int Number1;
        public int Number2;
        public IntPtr Network;
    }

    /// <summary><c>virDomainStatsRecord</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DomainStats
    {
        public IntPtr Domain;
        public IntPtr Parameters;
        public int Count;
    }

    /// <summary><c>virNodeInfo</c>; memory in KiB, frequency in MHz.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct NodeInfo
    {
        public fixed byte Model[32];
        public ulong MemoryKb;
        public uint Cpus;
        public uint Mhz;
        public uint NumaNodes;
        public uint Sockets;
        public uint Cores;
        public uint Threads;
    }
}
