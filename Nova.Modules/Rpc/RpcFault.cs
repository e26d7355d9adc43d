using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Nova.Modules.Rpc.Wire;
using Nova.Modules.Shared;

namespace Nova.Modules.Rpc;

/// <summary>
/// A fault as status detail. Stock clients refuse more than 8 KiB of metadata, so what is too long is shortened: the
/// admin's details first, then the sentence, which loses its arguments.
/// </summary>
internal static class RpcFault
{
    private const int MaxBytes = 4 * 1024;
    private const int MaxText = 1024;
    private const string TypeUrl = "type.googleapis.com/nova.rpc.FaultDetail";

    /// <summary>The value of grpc-status-details-bin, as base64 without padding.</summary>
    public static string Encode(RpcCode code, Fault fault)
    {
        var detail = Detail(fault);
        if (detail.CalculateSize() > MaxBytes && detail.HasAdminDetails)
            detail.AdminDetails = Shorten(detail.AdminDetails);
        if (detail.CalculateSize() > MaxBytes)
        {
            detail.Template = Message.Verbatim(Shorten(fault.Message)).Template;
            detail.Arguments.Clear();
        }

        var status = new StatusDetail { Code = (int)code, Message = Shorten(fault.Message) };
        status.Details.Add(new Any { TypeUrl = TypeUrl, Value = detail.ToByteString() });
        return RpcMetadata.ToBase64(status.ToByteArray());
    }

    /// <summary>The fault inside, or null when the detail is another's or damaged.</summary>
    public static Fault? Decode(string base64)
    {
        try
        {
            foreach (var any in StatusDetail.Parser.ParseFrom(RpcMetadata.FromBase64(base64)).Details)
                if (any.TypeUrl == TypeUrl)
                    return ToFault(FaultDetail.Parser.ParseFrom(any.Value));
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException)
        {
            // Status and message have arrived beside it: they still say what happened.
        }

        return null;
    }

    public static string Shorten(string text)
    {
        if (text.Length <= MaxText)
            return text;

        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText), "…");
    }

    private static FaultDetail Detail(Fault fault)
    {
        var detail = new FaultDetail { Kind = (int)fault.Kind, Template = fault.Text.Template, Transient = fault.IsTransient };
        foreach (var argument in fault.Text.Arguments)
            detail.Arguments.Add(new FaultDetail.Types.Argument { Name = argument.Name, Value = argument.Value });
        if (fault.Details is { } admin)
            detail.AdminDetails = admin;
        if (fault.RetryAfterSeconds is { } seconds)
            detail.RetryAfterSeconds = seconds;
        return detail;
    }

    private static Fault ToFault(FaultDetail detail)
    {
        var kind = System.Enum.IsDefined((FaultKind)detail.Kind) ? (FaultKind)detail.Kind : FaultKind.Unspecified;
        var text = new Message
        {
            Template = detail.Template,
            Arguments = [.. detail.Arguments.Select(a => new MessageArgument(a.Name, a.Value))],
        };
        return new(kind, text, detail.HasAdminDetails ? detail.AdminDetails : null)
        {
            RetryAfterSeconds = detail.HasRetryAfterSeconds ? detail.RetryAfterSeconds : null,
            IsTransient = detail.Transient,
        };
    }
}
