using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Nova.Modules.Rpc;

/// <summary>One call on the wire, sent as soon as it is made. Disposing it before its end cancels it.</summary>
internal sealed class HttpCall : IDisposable
{
    private static readonly StreamPipeReaderOptions Reading = new(bufferSize: 16 * 1024, leaveOpen: true);

    private readonly CallScope _scope;
    private readonly CallOptions _options;
    private readonly RpcContent _content;
    private readonly int _limit;
    private readonly Task<HttpResponseMessage> _sending;
    private HttpResponseMessage? _response;
    private PipeReader? _reader;

    public HttpCall(HttpMessageInvoker http, HttpRequestMessage request, RpcContent content, CallOptions options, int limit, CallScope scope)
    {
        _scope = scope;
        _options = options;
        _content = content;
        _limit = limit;
        _sending = http.SendAsync(request, _scope.Token);
    }

    public CancellationToken Token => _scope.Token;

    public Task Sending => _sending;

    /// <summary>The next message, or null when the call has ended well.</summary>
    public async ValueTask<T?> Next<T>() where T : class, IMessage<T>, new()
    {
        try
        {
            _reader ??= await Open();
            if (await RpcFrames.Read<T>(_reader, _limit, _scope.Token) is { } message)
                return message;
        }
        catch (Exception e) when (Translate(e) is { } failure)
        {
            throw failure;
        }

        var status = End();
        return status.Code == RpcCode.Ok ? null : throw status.ToException();
    }

    /// <summary>What a broken call means to its caller; null when the exception may leave as it is.</summary>
    public Exception? Translate(Exception exception) => exception switch
    {
        _ when _scope.Caller.IsCancellationRequested => new OperationCanceledException(exception.Message, exception, _scope.Caller),
        _ when _scope.IsOver => CallScope.Expired.ToException(exception),
        _ when _scope.Token.IsCancellationRequested => new RpcException(RpcCode.Cancelled, "The call was abandoned.", exception),
        _ when _content.Failure is { } own => own == exception ? null : own,
        RpcException or Shared.Fault => null,
        _ => Broken(exception),
    };

    // Disposing the response before its end resets the stream, and so tells the server.
    public void Dispose()
    {
        _reader?.Complete();
        _response?.Dispose();
        if (_response is null)
            _ = _sending.ContinueWith(static (t, _) => DisposeLate(t), null, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _content.Dispose();
        _scope.Dispose();
    }

    private static void DisposeLate(Task<HttpResponseMessage> sending)
    {
        if (sending.IsCompletedSuccessfully)
            sending.Result.Dispose();
        else
            _ = sending.Exception; // seen: nobody is left to be told
    }

    private async ValueTask<PipeReader> Open()
    {
        _response = await _sending;
        if (_options.Answer is { } answer)
            answer.Headers = RpcMetadata.From(_response.Headers);

        var isGrpc = _response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;
        if (_response.StatusCode != HttpStatusCode.OK || !isGrpc)
            throw NotGrpc(_response);

        return PipeReader.Create(await _response.Content.ReadAsStreamAsync(_scope.Token), Reading);
    }

    private static Exception NotGrpc(HttpResponseMessage response) =>
        Status(response.Headers) is { Code: not RpcCode.Ok } status
            ? status.ToException()
            : new RpcException(
                RpcStatus.OfHttp((int)response.StatusCode),
                $"The server answered HTTP {(int)response.StatusCode} with content type '{response.Content.Headers.ContentType}', which is not gRPC.");

    private RpcStatus End()
    {
        var trailers = _response!.TrailingHeaders;
        if (_options.Answer is { } answer)
            answer.Trailers = RpcMetadata.From(trailers);
        if (Status(trailers) is { } status)
            return status;

        // A trailers-only response: headers and trailers are one block, as its metadata is the handler's trailers.
        if (_options.Answer is { } only)
            (only.Headers, only.Trailers) = ([], only.Headers);
        return Status(_response.Headers) ?? new(RpcCode.Internal, "The server ended the call without a status.");
    }

    private static RpcStatus? Status(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("grpc-status", out var number))
            return null;
        if (!int.TryParse(number.ToString(), out var code) || code is < 0 or > (int)RpcCode.Unauthenticated)
            code = (int)RpcCode.Unknown;
        if (code == 0)
            return RpcStatus.Ok;

        var message = headers.NonValidated.TryGetValues("grpc-message", out var text) ? RpcText.DecodeMessage(text.ToString()) : "";
        var fault = headers.NonValidated.TryGetValues("grpc-status-details-bin", out var detail) ? RpcFault.Decode(detail.ToString()) : null;
        return new((RpcCode)code, message, fault);
    }

    private static RpcException Broken(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is HttpProtocolException reset)
                return new(RpcStatus.OfReset(reset.ErrorCode), $"The server broke the call off: {reset.Message}", exception);

        return exception is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException
            ? new(RpcCode.Unavailable, $"The server cannot be reached: {exception.Message}", exception)
            : new(RpcCode.Internal, $"The call failed: {exception.Message}", exception);
    }
}
