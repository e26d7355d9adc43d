using FsCheck;
using FsCheck.Fluent;
using Nova.Modules.Rpc;

namespace Nova.Tests.Rpc;

public class RpcTextTests
{
    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("600n", 6)]
    [InlineData("99999999H", 21_474_836_470_000)]
    public void A_timeout_is_read(string text, long ticks)
    {
        Assert.True(RpcText.TryParseTimeout(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("-5S")]
    [InlineData("5s")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    public void What_is_no_timeout_is_refused(string text) => Assert.False(RpcText.TryParseTimeout(text, out _));

    [Theory]
    [InlineData(0, "1u")]
    [InlineData(15_000_000, "1500000u")]
    [InlineData(36_000_000_000, "3600000m")]
    [InlineData(8_640_000_000_000, "864000S")]
    public void A_timeout_is_written_in_the_finest_unit_that_fits(long ticks, string text) => Assert.Equal(text, RpcText.FormatTimeout(new(ticks)));

    [Fact]
    public void A_message_survives_its_encoding_and_is_printable_ASCII() => Prop.ForAll<NonNull<string>>(text =>
    {
        var encoded = RpcText.EncodeMessage(text.Get);
        var valid = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text.Get)); // lone surrogates are lost
        return RpcText.DecodeMessage(encoded) == valid && encoded.All(c => c is >= ' ' and <= '~');
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%zz", "%zz")]
    [InlineData("a%20b", "a b")]
    [InlineData("%C3%A4", "ä")]
    public void A_message_that_is_badly_encoded_stays_readable(string text, string message) => Assert.Equal(message, RpcText.DecodeMessage(text));

    [Fact]
    public void Bytes_survive_their_header() => Prop.ForAll<NonNull<byte[]>>(bytes =>
        RpcMetadata.FromBase64(RpcMetadata.ToBase64(bytes.Get)).SequenceEqual(bytes.Get)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("Upper", "x")]
    [InlineData("grpc-status", "0")]
    [InlineData(":path", "/")]
    [InlineData("content-type", "x")]
    [InlineData("bytes-bin", "x")]
    [InlineData("", "x")]
    [InlineData("ok", "line\nbreak")]
    [InlineData("ok", "Größe")]
    public void Metadata_that_cannot_be_sent_is_refused(string key, string value) =>
        Assert.Throws<ArgumentException>(() => new RpcMetadata { { key, value } });

    [Fact]
    public void Binary_values_that_a_peer_joined_are_taken_apart()
    {
        var metadata = new RpcMetadata();
        metadata.Receive("x-bin", "AQ==, Ag");

        Assert.Equal(["AQ==", "Ag"], metadata.Select(m => m.Value));
        Assert.Equal([2], metadata.GetBytes("x-bin")!);
    }
}
