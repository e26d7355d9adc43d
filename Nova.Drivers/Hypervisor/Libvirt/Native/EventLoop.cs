using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Native;

/// <summary>
/// libvirt's event loop: one thread for the whole process, started before the first connection (libvirt demands that
/// order) and never ended, since libvirt cannot forget a registered loop.
/// </summary>
internal static unsafe class EventLoop
{
    private static readonly Lazy<bool> Started = new(Start);

    /// <summary>Starts the loop when it does not run yet; a <see cref="Fault"/> when the library is missing.</summary>
    public static void Ensure() => _ = Started.Value;

    private static bool Start()
    {
        try
        {
            if (LibvirtApi.virInitialize() < 0 || LibvirtApi.virEventRegisterDefaultImpl() < 0)
                throw LibvirtErrors.Last("start the library").ToFault();
        }
        catch (DllNotFoundException e)
        {
            throw new Fault(FaultKind.Internal, Message.Of($"The library libvirt.so.0 is missing on this host: install the package libvirt0."), e.Message);
        }

        LibvirtApi.virSetErrorFunc(null, &Silent);
        new Thread(Run) { IsBackground = true, Name = "libvirt-events" }.Start();
        return true;
    }

    // Without an error function libvirt writes each error to stderr; we read them where they happen.
    [System.Runtime.InteropServices.UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Silent(void* user, LibvirtApi.NativeError* error)
    {
    }

    [System.Runtime.InteropServices.UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Tick(int timer, void* opaque)
    {
    }

    private static void Run()
    {
        // An empty loop would return at once, for ever: the timer makes it wait.
        LibvirtApi.virEventAddTimeout(1000, &Tick, null, null);
        while (LibvirtApi.virEventRunDefaultImpl() >= 0 || WaitAfterFailure())
        {
        }
    }

    // poll() failed, which it does only when memory is short: go on a little later.
    private static bool WaitAfterFailure()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromSeconds(1));
        return true;
    }
}
