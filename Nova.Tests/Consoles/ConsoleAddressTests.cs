using Nova.Modules.Consoles;

namespace Nova.Tests.Consoles;

/// <summary>Where a token stands in an address.</summary>
public class ConsoleAddressTests
{
    [Theory]
    [InlineData("novnc", "http://h/vnc_auto.html", "http://h/vnc_auto.html?path=%3Ftoken%3DT")]
    [InlineData("novnc", "http://h/vnc_lite.html?path=websockify&autoconnect=1", "http://h/vnc_lite.html?autoconnect=1&path=websockify%3Ftoken%3DT")]
    [InlineData("serial", "ws://h:6083/", "ws://h:6083/?token=T")]
    [InlineData("spice-html5", "https://h/spice_auto.html?a=b", "https://h/spice_auto.html?a=b&token=T")]
    public void The_token_is_added_as_each_client_wants_it(string type, string address, string expected) =>
        Assert.Equal(expected, ConsoleAddresses.WithToken(type, address, "T"));
}
